"""The life of a run: queued, running, stopping, and then exactly one ending.

The inputs are what the session decides. A disconnect is not among them: nobody's connection can end a run.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a run is. The last four are endings, and the `reason` of its `run-end`."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    SUPERSEDED = "superseded"

    @property
    def ended(self) -> bool:
        """Nothing can happen to the run any more."""
        return self in ENDINGS


ENDINGS = frozenset({State.COMPLETED, State.STOPPED, State.FAILED, State.SUPERSEDED})

_NEXT = {
    State.QUEUED: frozenset({State.RUNNING, State.STOPPING, State.STOPPED, State.SUPERSEDED}),
    State.RUNNING: frozenset({State.RUNNING, State.STOPPING, State.COMPLETED, State.FAILED, State.SUPERSEDED}),
    State.STOPPING: frozenset({State.STOPPED}),  # an accepted stop always wins against the natural end
}


class IllegalMove(Exception):
    """A run was told to go where it cannot go from where it is."""


def move(state: State, to: State) -> State:
    """The state after the move. Raises IllegalMove; no ending can be left."""
    if to not in _NEXT.get(state, frozenset()):
        raise IllegalMove(f"a run that is {state} cannot become {to}")
    return to
