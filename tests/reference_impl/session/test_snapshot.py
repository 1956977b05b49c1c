from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session import control, decide
from reference_impl.session.event import Event
from reference_impl.session.run import State
from reference_impl.session.snapshot import UnreadableSnapshot, dump, load
from reference_impl.session.state import SessionState

ACTS = st.lists(st.tuples(st.sampled_from("psfwtqa"), st.sampled_from("abc")), max_size=30)


def lived(acts: list[tuple[str, str]]) -> SessionState:
    """A session in which that was done."""
    state, ids = SessionState(), count(1)

    def new_id() -> str:
        return str(next(ids))

    for act, key in acts:
        runs = [run for run in state.active.values() if run.state is State.RUNNING]
        for event in _events(state, act, key, runs[0].id if runs else None, new_id):
            state.apply(event)
        for event in decide.start(state, "queue", holder="n_1"):
            state.apply(event)
    return state


def _events(state: SessionState, act: str, key: str, run: str | None, new_id: decide.NewId) -> tuple[Event, ...]:
    if act in "ps":
        asked = decide.prompt(state, key, "hello", "queue", new_id) if act == "p" else decide.stop(state, None, key, "")
        return asked.events
    return _of_run(state, act, key, run, new_id) if run is not None else ()


def _of_run(state: SessionState, act: str, key: str, run: str, new_id: decide.NewId) -> tuple[Event, ...]:
    if act == "f":
        return decide.finish(state, state.runs[run], State.COMPLETED)
    if act == "t":
        return control.steer(state, run, key, "sooner", "phone", new_id).events
    if act == "q":
        return (Event("approval-request", run, {"id": f"q_{new_id()}", "what": "really?"}),)
    return (Event("text", run, {"text": "é漢🙂 "} | ({"agent": key} if act == "a" else {})),)


@given(acts=ACTS, more=ACTS)
def test_what_is_read_back_is_what_was_and_lives_on_the_same(
    acts: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    state = lived(acts)
    back, offset = load(dump(state, 7))
    assert offset == 7
    assert back.transcript() == state.transcript()
    assert (back.keys, back.stopped_keys, list(back.active)) == (state.keys, state.stopped_keys, list(state.active))
    assert (back.steers, back.approvals) == (state.steers, state.approvals)
    assert dump(back, 7) == dump(load(dump(back, 7))[0], 7)
    for run in list(state.active):
        ends = decide.finish(state, state.runs[run], State.FAILED, "gone")
        assert decide.finish(back, back.runs[run], State.FAILED, "gone") == ends


@pytest.mark.parametrize("bad", [b"", b"{}", b"[]", b'{"version":1}', b"\xff", b"null"])
def test_what_is_no_snapshot_is_named(bad: bytes) -> None:
    with pytest.raises(UnreadableSnapshot):
        load(bad)


def test_a_newer_snapshot_is_refused() -> None:
    newer = json.loads(dump(SessionState(), 1)) | {"version": 2}
    with pytest.raises(UnreadableSnapshot, match="version 2"):
        load(json.dumps(newer).encode())
