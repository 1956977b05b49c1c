"""What a command means for a session: pure functions from its state to the events that must be appended.

Nothing is changed here. Whoever calls appends the events (they belong together: all or none) and only then answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from .event import Event
from .run import State
from .state import Run, SessionState

Policy: TypeAlias = Literal["queue", "reject", "interrupt", "parallel"]
POLICIES: Final[tuple[Policy, ...]] = ("queue", "reject", "interrupt", "parallel")
NewId: TypeAlias = Callable[[], str]


class Busy(Exception):
    """A run is going on and the policy is to refuse a second prompt."""


class UnknownRun(Exception):
    """No run of this session has that id."""


@dataclass(frozen=True, slots=True)
class Decision:
    """events: to append, in order. run: the run the command is about, when it has one. known: it changed nothing."""

    events: tuple[Event, ...]
    run: str | None
    known: bool = False


def prompt(state: SessionState, key: str, text: str, policy: Policy, new_id: NewId) -> Decision:
    """Accept a prompt, recognize one that was accepted before by its key, or raise Busy."""
    if key in state.keys:
        return Decision((), state.keys[key], known=True)
    run = f"r_{new_id()}"
    accepted = Event("user", run, {"id": f"u_{run}", "text": text, "key": key})
    if key in state.stopped_keys:
        return Decision((accepted, _end(run, State.STOPPED)), run)
    going_on = [other for other in state.active.values() if other.state is not State.STOPPING]
    if policy == "reject" and going_on:
        raise Busy(f"run {going_on[0].id} is going on; stop it, or wait for its end")
    superseded = tuple(_end(other.id, State.SUPERSEDED) for other in going_on) if policy == "interrupt" else ()
    return Decision((*superseded, accepted), run)


def stop(state: SessionState, run: str | None, key: str | None, by: str) -> Decision:
    """Stop a run by its id, or by the key of its prompt, which may still be on its way. Raises UnknownRun.

    known: there was nothing left to do, because the run is stopping or has ended, or its stop is remembered already.
    """
    run = run if run is not None else state.keys.get(key or "")
    if run is None:
        known = key in state.stopped_keys
        return Decision(() if known else (Event("stop", None, {"by": by, "key": key}),), None, known)
    if run not in state.runs:
        raise UnknownRun(f"no run {run} in this session")
    now = state.runs[run].state
    if now.ended or now is State.STOPPING:
        return Decision((), run, known=True)
    accepted = Event("stop", run, {"by": by})
    return Decision((accepted,) if now is State.RUNNING else (accepted, _end(run, State.STOPPED)), run)


def start(state: SessionState, policy: Policy) -> tuple[Event, ...]:
    """The queued runs whose turn has come."""
    queued = [run for run in state.active.values() if run.state is State.QUEUED]
    if policy != "parallel":
        queued = queued[:1] if len(queued) == len(state.active) else []
    return tuple(Event("run-start", run.id) for run in queued)


def finish(run: Run, reason: State, error: str | None = None) -> tuple[Event, ...]:
    """End a run whose agent is done, unless it has ended. A run that is stopping ends stopped, whatever the reason."""
    if run.state.ended:
        return ()
    if run.state is State.STOPPING:
        return (_end(run.id, State.STOPPED),)
    return (_end(run.id, reason, error),)


def abandon(state: SessionState, error: str) -> tuple[Event, ...]:
    """End what cannot go on because its agent died with its process. Queued runs lost nothing and stay queued."""
    begun = [run for run in state.active.values() if run.state is not State.QUEUED]
    return tuple(event for run in begun for event in finish(run, State.FAILED, error))


def _end(run: str, reason: State, error: str | None = None) -> Event:
    return Event("run-end", run, {"reason": str(reason)} | ({"error": error} if error else {}))
