"""What a command means for a session: pure functions from its state to the events that must be appended.

Nothing is changed here. Whoever calls appends the events (they belong together: all or none) and only then answers. If
somebody else appended first, the state was out of date: it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
    superseded = [
        event
        for other in (going_on if policy == "interrupt" else ())
        for event in (*_left_open(state, other.id), _end(other.id, State.SUPERSEDED))
    ]
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


def turns(state: SessionState, policy: Policy, events: Sequence[Event] = ()) -> tuple[str, ...]:
    """The queued runs whose turn it is when these events have happened."""
    going = {run.id: run.state for run in state.active.values()}
    for event in events:
        match event.kind:
            case "user":
                going[event.run or ""] = State.QUEUED
            case "run-start":
                going[event.run or ""] = State.RUNNING
            case "run-end":
                going.pop(event.run or "", None)
    queued = tuple(run for run, now in going.items() if now is State.QUEUED)
    if policy == "parallel":
        return queued
    return queued[:1] if len(queued) == len(going) else ()


def start(state: SessionState, policy: Policy, events: Sequence[Event] = (), holder: str = "") -> tuple[Event, ...]:
    """Begin the runs whose turn it is when these events have happened. holder: whose agents they are."""
    return tuple(_start(run, holder) for run in turns(state, policy, events))


def claim(state: SessionState, run: str, holder: str, policy: Policy, dead: Collection[str] = ()) -> Decision:
    """A worker takes a queued run whose turn it is, or goes on with one whose holder is dead. known: it holds it
    already, or it is nobody's to take. Raises UnknownRun."""
    if run not in state.runs:
        raise UnknownRun(f"no run {run} in this session")
    lost = state.runs[run].state is State.RUNNING and state.runs[run].holder in dead
    if not lost and run not in turns(state, policy):
        return Decision((), run, known=True)
    return Decision((_start(run, holder),), run)


def finish(state: SessionState, run: Run, reason: State, error: str | None = None) -> tuple[Event, ...]:
    """End a run whose agent is done, unless it has ended. A run that is stopping ends stopped, whatever the reason."""
    if run.state.ended:
        return ()
    left = _left_open(state, run.id)
    if run.state is State.STOPPING:
        return (*left, _end(run.id, State.STOPPED))
    return (*left, _end(run.id, reason, error))


def abandon(state: SessionState, error: str, dead: Collection[str] | None = None) -> tuple[Event, ...]:
    """End what cannot go on because its agent died with its process. Queued runs lost nothing and stay queued.

    dead: the holders that are gone; None: all of them.
    """
    begun = [run for run in state.active.values() if run.state is not State.QUEUED]
    lost = [run for run in begun if dead is None or run.holder in dead]
    return tuple(event for run in lost for event in finish(state, run, State.FAILED, error))


def take_over(state: SessionState, dead: Collection[str], holder: str) -> tuple[Event, ...]:
    """Let this holder's agents go on where those of dead ones were cut off. What was stopping is ended instead."""
    lost = [run for run in state.active.values() if run.state is not State.QUEUED and run.holder in dead]
    ended = [event for run in lost if run.state is State.STOPPING for event in finish(state, run, State.STOPPED)]
    return (*ended, *(_start(run.id, holder) for run in lost if run.state is State.RUNNING))


def _start(run: str, holder: str) -> Event:
    return Event("run-start", run, {"holder": holder} if holder else {})


def _end(run: str, reason: State, error: str | None = None) -> Event:
    return Event("run-end", run, {"reason": str(reason)} | ({"error": error} if error else {}))


def _left_open(state: SessionState, run: str) -> tuple[Event, ...]:
    """What nobody will answer any more when a run is over."""
    steers = (Event("steer-outcome", run, {"id": each.id, "outcome": "too-late"}) for each in state.unanswered(run))
    asked = (Event("approval", run, {"id": each.id, "granted": None, "by": ""}) for each in state.waiting(run))
    return (*steers, *asked)
