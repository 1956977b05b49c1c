"""The delays that one device is waiting out. Each counts from an intended instant and is measured once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from .room import Said

Delays: TypeAlias = dict[str, "array[float]"]
LONG_S = 1.0


def no_delays(measures: Iterable[str]) -> Delays:
    """Room for the delays of these measures. In 32-bit floats: a list would hold each in an object of its own, and so
    many, until they are counted, that they push everything else out of the processor's caches."""
    return {name: array("f") for name in measures}


@dataclass(slots=True)
class Steering:
    """A wish about a run whose outcome is waited for. taken: the target has acknowledged it."""

    said: Said
    intended: float
    taken: bool = False


class Waits:
    """Times: monotonic seconds. Every method that ends a wait may be called at any time, and does nothing without one.

    delays: where measures go, by name (`result.MEASURES`).
    """

    __slots__ = ("_asked", "_behind", "_delays", "_joining", "_returning", "_steering", "_stopping", "_stopping_from")

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self._joining: float | None = None  # since when it waits for the session's history
        self._returning: float | None = None  # … for the first news after a drop
        self._behind: float | None = None  # … for all that was said meanwhile
        self._asked: Said | None = None  # the prompt whose first word is waited for
        self._stopping: Said | None = None
        self._stopping_from = 0.0
        self._steering: dict[str, Steering] = {}

    def join(self, intended: float) -> None:
        """A device opens the session."""
        self.forget()
        self._joining = intended

    def resume(self, intended: float) -> None:
        """A device comes back."""
        self._returning = self._behind = intended

    def ask(self, said: Said) -> None:
        """It has asked for a run (`said.intended`)."""
        self._asked = said

    def stop(self, said: Said, intended: float) -> None:
        """It has stopped a run."""
        self._stopping, self._stopping_from = said, intended

    def steer(self, key: str, said: Said, intended: float) -> None:
        """It wishes something of a run."""
        self._steering[key] = Steering(said, intended)

    def steer_taken(self, key: str, told_at: float | None) -> None:
        """The target has the wish; told_at: and has said by its answer what became of it."""
        if told_at is not None:
            self.steered(key, told_at)
        elif key in self._steering:
            self._steering[key].taken = True

    def steered(self, key: str, at: float) -> None:
        """It is known what became of a wish."""
        steering = self._steering.pop(key, None)
        if steering is not None:
            self._add("steer_delay", at - steering.intended)

    def swallowed(self, said: Said) -> int:
        """The run is over: how many wishes about it the target took, and never said what became of them."""
        over = {key: steering for key, steering in self._steering.items() if steering.said is said and steering.taken}
        for key in over:
            del self._steering[key]
        return len(over)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._steering.clear()
        self._joining = self._returning = self._behind = self._asked = self._stopping = None

    def cut(self, at: float) -> None:
        """Its network went away while it was waiting. That is not the target's doing, so the wait is left out, unless
        it was long already: then it counts as that long, or a slow target would be flattered by being cut."""
        if self._behind is not None:
            self._censored("resume_delay", self._returning, at)
            self._censored("caught_up_delay", self._behind, at)
        if self._asked is not None:
            self._censored("first_item_delay", self._asked.intended, at)
        if self._stopping is not None:
            self._censored("stop_delay", self._stopping_from, at)
        for steering in self._steering.values():
            self._censored("steer_delay", steering.intended, at)
        self._steering.clear()
        self._returning = self._behind = self._asked = self._stopping = None

    def news(self, said: Said, at: float) -> None:
        """A word that is new to the device came."""
        if self._returning is not None:
            self._add("resume_delay", at - self._returning)
            self._returning = None
        if self._asked is said:
            self._add("first_item_delay", at - said.intended)
            self._asked = None

    def caught_up(self, at: float) -> None:
        """The device has everything that was said."""
        if self._joining is not None:
            self._add("join_delay", at - self._joining)
        if self._returning is not None:
            self._add("resume_delay", at - self._returning)
        if self._behind is not None:
            self._add("caught_up_delay", at - self._behind)
        self._joining = self._returning = self._behind = None

    def ended(self, said: Said, at: float) -> None:
        """The device was told that a run is over."""
        if self._stopping is said:
            self._add("stop_delay", at - self._stopping_from)
            self._stopping = None
        if self._asked is said:
            self._asked = None

    @property
    def returning(self) -> bool:
        """Is it still coming back, or in?"""
        return self._behind is not None or self._joining is not None

    @property
    def idle(self) -> bool:
        """Is no other measure than that of a return under way?"""
        return self._asked is None

    def _censored(self, name: str, since: float | None, at: float) -> None:
        if since is not None and at - since >= LONG_S:
            self._add(name, at - since)

    def _add(self, name: str, seconds: float) -> None:
        self._delays[name].append(max(seconds, 0.0))
