"""The flow that changes nothing: faults override what they do differently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .base import Action, Fin, Forward, Strike


class Passing:
    """Everything passes, at once and in order. Also what is left of a fault after it was lifted."""

    def on_start(self, now_ns: int) -> Iterable[Action]:
        """Nothing happens when it takes hold."""
        return ()

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        """Bytes pass."""
        return (Forward(data, now_ns),)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        """FIN passes."""
        return (Fin(now_ns),)

    def on_wake(self, now_ns: int) -> Iterable[Action]:
        """It asks for no wakes."""
        return ()

    def on_lift(self, now_ns: int) -> Iterable[Action]:
        """It holds nothing."""
        return ()


def marked(passed: Sequence[Forward | Fin], now_ns: int) -> Iterable[Action]:
    """What became of one chunk or FIN, with a Strike in front unless it passes as it came: in one piece and at once."""
    untouched = len(passed) == 1 and passed[0].at_ns <= now_ns
    return passed if untouched else (Strike(), *passed)
