"""Blackhole: silence. Nothing arrives any more, FIN and RST included: the half-open connection of a lost network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from .base import Action, Direction, Flow, Strike
from .passing import Passing
from .settings import REACHES, SPANS, Reaches, Settings, Span, one_of, spans


@dataclass(frozen=True)
class Blackhole(Settings):
    """Swallows everything in `direction`; by default only on live connections, so that a reconnect gets through.

    TCP cannot go on with a hole in it: a direction that swallowed something stays silent after the fault is lifted.
    For a network that comes back with all it owed, see Stall.
    """

    direction: Span = "both"
    reaches: Reaches = "live"
    id: ClassVar[str] = "blackhole"

    def __post_init__(self) -> None:
        one_of("direction", self.direction, SPANS)
        one_of("reaches", self.reaches, REACHES)

    def begin(self, direction: Direction, rng: Random) -> Flow | None:
        """A hole for each direction asked for."""
        return _Hole() if spans(self.direction, direction) else None


class _Hole(Passing):
    """Strikes as soon as it takes hold: from then on a silent connection is a dead one, though no byte shows it."""

    def on_start(self, now_ns: int) -> Iterable[Action]:
        return (Strike(),)

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        return ()

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        return ()
