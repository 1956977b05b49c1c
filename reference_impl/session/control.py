"""Steering a run and answering what it asks: pure functions from the state to events, like session/decide.py."""

from __future__ import annotations

from dataclasses import dataclass

from .decide import NewId, UnknownRun
from .event import Event
from .run import State
from .state import Approval, SessionState

TAKEN, TOO_LATE, REFUSED = "taken", "too-late", "refused"


class UnknownApproval(Exception):
    """No approval of this session has that id."""


@dataclass(frozen=True, slots=True)
class Steering:
    """events: to append. id: of the steer. outcome: what is known of it already, empty while its agent has a say."""

    events: tuple[Event, ...]
    id: str
    outcome: str = ""


def steer(state: SessionState, run: str, key: str, text: str, by: str, new_id: NewId) -> Steering:
    """Pass a wish on to the agent of a run. One that comes after the run's end, or while it is stopping, is too late:
    that is said and recorded, so that every device sees what became of it. Raises UnknownRun.

    The same key again is the same steer.
    """
    if run not in state.runs:
        raise UnknownRun(f"no run {run} in this session")
    if key in state.steers:
        return Steering((), state.steers[key].id, state.steers[key].outcome)
    now, id_ = state.runs[run].state, f"s_{new_id()}"
    wished = Event("steer", run, {"id": id_, "key": key, "text": text, "by": by})
    if now.ended or now is State.STOPPING:
        return Steering((wished, outcome(run, id_, TOO_LATE)), id_, TOO_LATE)
    return Steering((wished,), id_)


def outcome(run: str, steer_id: str, what: str) -> Event:
    """What became of a steer."""
    return Event("steer-outcome", run, {"id": steer_id, "outcome": what})


def approve(state: SessionState, approval: str, granted: bool, by: str) -> tuple[tuple[Event, ...], Approval]:
    """Answer what a run asked. The first answer counts; the approval says what it was. Raises UnknownApproval."""
    known = state.approvals.get(approval)
    if known is None:
        raise UnknownApproval(f"no approval {approval} in this session")
    if not known.open:
        return (), known
    return (Event("approval", known.run, {"id": approval, "granted": granted, "by": by}),), known
