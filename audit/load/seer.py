"""Whoever wants to know what an account learns: the device that it belongs to."""

from __future__ import annotations

from typing import Protocol

from ..adapters.base import Item
from .room import Said


class Seer(Protocol):
    """The device behind an account: what it is told of what comes. Times: monotonic seconds."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def slow(self) -> bool: ...  # noqa: D102

    def began(self, said: Said) -> None:
        """A run has begun, as some device of the session was told."""
        ...

    def granted(self, reply: str) -> bool:
        """The subscription of this id was granted, as it was asked for; False when it is none that is waited for."""
        ...

    def replied(self, item: Item, at: float) -> None:
        """A REPLY came."""
        ...

    def caught_up(self, at: float) -> None:
        """It has everything that was said."""
        ...

    def told_end(self, said: Said, at: float) -> None:
        """It was told that a run is over."""
        ...
