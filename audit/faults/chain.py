"""All faults on one connection, in the order they were injected. Pure: no socket, no clock, no randomness.

    sender ──► stage of the 1st fault ──► stage of the 2nd ──► … ──► receiver        one such row for each direction

Bytes and endings enter at the left together with the time. What comes out at the right are outcomes, to be executed
in order. A fault that cuts does so where it stands: its ending travels on through the faults behind it, in both
directions, so that a blackhole swallows a FIN whoever sent it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .base import Direction, Fault, Fin, Flow, Forward
from .passing import Passing
from .stage import Ending, How, Stage

DIRECTIONS: tuple[Direction, ...] = ("down", "up")


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand these bytes to the receiver of this direction."""

    direction: Direction
    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """Tell the receiver of this direction that it is over. cut: by a fault, so the connection is to go for good."""

    direction: Direction
    how: How
    cut: bool


@dataclass(frozen=True, slots=True)
class Struck:
    """This fault has now really taken hold of the connection; comes once for each injection."""

    fault: Fault


Outcome: TypeAlias = Deliver | Finish | Struck


@dataclass(eq=False)
class _Layer:
    """One injection: a fault and its stage in each direction."""

    fault: Fault
    stages: dict[Direction, Stage]
    struck: bool = False


class Chain:
    """The faults on one connection. Times are monotonic nanoseconds and never run back."""

    def __init__(self) -> None:
        self._layers: list[_Layer] = []
        self._held: dict[Direction, int] = {"down": 0, "up": 0}
        self._finished: dict[Direction, How] = {}
        self._out: list[Outcome] = []

    def __len__(self) -> int:
        """How many faults were ever put on."""
        return len(self._layers)

    def held(self, direction: Direction) -> int:
        """Bytes that came in and did not come out: scheduled, held or swallowed. A network takes only so much."""
        return self._held[direction]

    def due(self) -> int | None:
        """When `tick` is wanted next, None when nothing is scheduled."""
        times = [at_ns for layer in self._layers for stage in layer.stages.values() for at_ns in stage.due()]
        return min(times, default=None)

    def receive(self, direction: Direction, data: bytes, now_ns: int) -> list[Outcome]:
        """Bytes came from the sender of this direction."""
        self._held[direction] += len(data)
        self._arrive(direction, 0, data, now_ns)
        return self._collect()

    def end(self, direction: Direction, how: How, now_ns: int) -> list[Outcome]:
        """The sender of this direction said FIN, or reset the connection; a RST after a FIN counts as well."""
        self._arrive(direction, 0, Ending(how), now_ns)
        return self._collect()

    def attach(self, fault: Fault, flows: dict[Direction, Flow | None], now_ns: int) -> list[Outcome]:
        """A fault takes hold, behind those that are on already."""
        layer = _Layer(fault, {direction: Stage(flows[direction] or Passing()) for direction in DIRECTIONS})
        self._layers.append(layer)
        for direction in DIRECTIONS:
            stage = layer.stages[direction]
            self._react(direction, len(self._layers) - 1, stage.take(stage.flow.on_start(now_ns)), now_ns)
        return self._collect()

    def lift(self, fault: Fault, now_ns: int) -> list[Outcome]:
        """Every injection of this fault (equal settings are the same fault) lets go of the connection."""
        for position, layer in enumerate(self._layers):
            if layer.fault == fault:
                for direction in DIRECTIONS:
                    self._react(direction, position, layer.stages[direction].lift(now_ns), now_ns)
        return self._collect()

    def tick(self, now_ns: int) -> list[Outcome]:
        """Time has passed: what was scheduled until now goes on its way."""
        for position, layer in enumerate(self._layers):
            for direction in DIRECTIONS:
                self._react(direction, position, layer.stages[direction].wake(now_ns), now_ns)
        return self._collect()

    def _collect(self) -> list[Outcome]:
        out, self._out = self._out, []
        return out

    def _arrive(self, direction: Direction, position: int, item: bytes | Ending, now_ns: int) -> None:
        """Something has passed the faults before `position`."""
        if position == len(self._layers):
            self._emerge(direction, item)
            return
        stage = self._layers[position].stages[direction]
        struck = stage.data(item, now_ns) if isinstance(item, bytes) else stage.end(item, now_ns)
        self._react(direction, position, struck, now_ns)

    def _react(self, direction: Direction, position: int, struck: bool, now_ns: int) -> None:
        """Pass on what a stage lets go of by now."""
        layer = self._layers[position]
        stage = layer.stages[direction]
        if struck:
            self._strike(layer)
        for action in stage.release(now_ns):
            if isinstance(action, Forward):
                self._arrive(direction, position + 1, action.data, now_ns)
            elif isinstance(action, Fin) and stage.ending is not None:
                self._arrive(direction, position + 1, stage.ending, now_ns)
            else:
                self._cut(position, Ending("fin" if isinstance(action, Fin) else "rst", position), now_ns)

    def _cut(self, position: int, ending: Ending, now_ns: int) -> None:
        for direction in DIRECTIONS:
            self._layers[position].stages[direction].seal()
            self._arrive(direction, position + 1, ending, now_ns)

    def _emerge(self, direction: Direction, item: bytes | Ending) -> None:
        if isinstance(item, bytes):
            self._held[direction] -= len(item)
            self._out.append(Deliver(direction, item))
        elif self._finished.get(direction) not in (item.how, "rst"):
            self._finished[direction] = item.how
            self._out.append(Finish(direction, item.how, cut=item.by is not None))
            if item.by is not None:
                self._strike(self._layers[item.by])

    def _strike(self, layer: _Layer) -> None:
        if not layer.struck:
            layer.struck = True
            self._out.append(Struck(layer.fault))
