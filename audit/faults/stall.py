"""Stall: the network holds its breath, then delivers everything at once: a tunnel, a roaming phone, a full queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Action, Direction, Fin, Flow, Forward, Strike, Wake
from .passing import Passing
from .settings import NS_PER_MS, REACHES, SPANS, Reaches, Settings, Span, one_of, spans, whole


@dataclass(frozen=True)
class Stall(Settings):
    """Holds bytes (and FIN) for `duration_ms` from when it takes hold of a connection, or until lifted when None.

    Nothing is lost: this is what Toxiproxy's `timeout`, which drops what it holds, cannot model.
    """

    duration_ms: int | None = None
    direction: Span = "both"
    reaches: Reaches = "live"
    id: ClassVar[str] = "stall"

    def __post_init__(self) -> None:
        if self.duration_ms is not None:
            whole("duration_ms", self.duration_ms, 1)
        one_of("direction", self.direction, SPANS)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """A held breath for each direction asked for."""
        return _Held(self.duration_ms) if spans(self.direction, direction) else None


class _Held(Passing):
    def __init__(self, duration_ms: int | None) -> None:
        self._duration_ms = duration_ms
        self._holding = True
        self._bytes = bytearray()
        self._eof = False

    def on_start(self, now_ns: int) -> Iterable[Action]:
        return () if self._duration_ms is None else (Wake(now_ns + self._duration_ms * NS_PER_MS),)

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        if not self._holding:
            return (Forward(data, now_ns),)
        self._bytes += data
        return (Strike(),)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        if not self._holding:
            return (Fin(now_ns),)
        self._eof = True
        return (Strike(),)

    def on_wake(self, now_ns: int) -> Iterable[Action]:
        return self._release(now_ns)

    def on_lift(self, now_ns: int) -> Iterable[Action]:
        return self._release(now_ns)

    def _release(self, now_ns: int) -> Iterable[Action]:
        owed, self._bytes, self._holding = bytes(self._bytes), bytearray(), False
        if owed:
            yield Forward(owed, now_ns)
        if self._eof:
            yield Fin(now_ns)
