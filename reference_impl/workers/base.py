"""What the parts of this package know of each other: names of workers, and a worker's connection."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from ..session.event import Data
from ..session.state import Run

WORKER: Final = re.compile(r"w_[0-9a-f]{12,32}")  # a worker's name, new whenever it begins a new life
WINDOW: Final = 256  # pieces of one agent that may be on their way before a worker has to wait

Place: TypeAlias = tuple[str, str]  # a session, and a run of it


def is_worker(holder: str) -> bool:
    """The holder of a run is a worker, not a server."""
    return WORKER.fullmatch(holder) is not None


class Wire(Protocol):
    """A worker's connection to this server."""

    def send(self, message: Data) -> None:
        """Send a message, in order; does nothing when the connection is over."""
        ...

    def leave(self) -> None:
        """Send the worker elsewhere, or back: what it has in hand cannot be served on this connection."""
        ...


@dataclass(slots=True)
class Hand:
    """A run in the hands of a worker. wire: its newest connection. taken: the last sequence number of each of its
    agents that is on its way to the log; the run's own has the empty name. released: called once when it is over."""

    session: str
    run: Run
    claim: int
    worker: str
    wire: Wire
    released: Callable[[], None]
    taken: dict[str, int] = field(default_factory=dict)

    def send(self, type_: str, **fields: object) -> None:
        """Tell the worker something about this run."""
        self.wire.send({"type": type_, "session": self.session, "run": self.run.id, **fields})
