"""A session's state as bytes: what its trimmed events add up to (storage/base.py, `trim`)."""

from __future__ import annotations

import json
from dataclasses import asdict

from .event import dumps
from .producer import Producers
from .run import State
from .state import Approval, Message, Run, SessionState, Steer

VERSION = 1


class UnreadableSnapshot(Exception):
    """The snapshot was written by a newer version, or is no snapshot."""


def dump(state: SessionState, offset: int) -> bytes:
    """The state after the event at `offset`."""
    return dumps({
        "version": VERSION,
        "offset": offset,
        "runs": [_folded(run) for run in state.runs.values()],
        "stopped_keys": sorted(state.stopped_keys),
        "steers": {key: asdict(steer) for key, steer in state.steers.items()},
        "approvals": [asdict(approval) for approval in state.approvals.values()],
        "producers": state.producers.places,
        "messages": [[each.role, each.id, each.run.id, each.agent] for each in state.messages],
    })  # fmt: skip


def load(snapshot: bytes) -> tuple[SessionState, int]:
    """The state in it, and the offset it is of. Raises UnreadableSnapshot."""
    try:
        row = json.loads(snapshot)
        if row["version"] != VERSION:
            raise UnreadableSnapshot(f"the snapshot is of version {row['version']}, this server's is {VERSION}")
        return _state(row), row["offset"]
    except (ValueError, KeyError, TypeError) as problem:
        raise UnreadableSnapshot(f"the snapshot cannot be read: {problem!r}") from None


def _folded(run: Run) -> dict[str, object]:
    voices = {name: ["".join(pieces)] for name, pieces in run.voices.items()}
    return asdict(run) | {"text": ["".join(run.text)], "voices": voices}


def _state(row: dict[str, object]) -> SessionState:
    state = SessionState()
    read: dict[str, list[dict[str, object]]] = row  # type: ignore[assignment]  # as `dump` wrote it, or a named error
    for fields in read["runs"]:
        run = Run(**fields | {"state": State(str(fields["state"]))})  # type: ignore[arg-type]
        state.runs[run.id] = run
        state.keys[run.key] = run.id
        if not run.state.ended:
            state.active[run.id] = run
    state.stopped_keys = set(row["stopped_keys"])  # type: ignore[call-overload]
    state.steers = {key: Steer(**fields) for key, fields in row["steers"].items()}  # type: ignore[attr-defined]
    state.approvals = {str(each["id"]): Approval(**each) for each in read["approvals"]}  # type: ignore[arg-type]
    places = row["producers"].items()  # type: ignore[attr-defined]
    state.producers = Producers({name: (epoch, sequence) for name, (epoch, sequence) in places})
    state.messages = [Message(role, id_, state.runs[run], agent) for role, id_, run, agent in row["messages"]]  # type: ignore[attr-defined]
    return state
