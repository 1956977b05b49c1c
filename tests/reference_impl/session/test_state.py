from __future__ import annotations

import pytest

from reference_impl.session.event import Event
from reference_impl.session.run import IllegalMove
from reference_impl.session.state import SessionState

USER = Event("user", "r_1", {"id": "u_1", "text": "hello", "key": "k"})


def test_an_impossible_log_is_not_believed() -> None:
    state = SessionState()
    for event in (USER, Event("run-start", "r_1"), Event("run-end", "r_1", {"reason": "completed"})):
        state.apply(event)
    with pytest.raises(IllegalMove):
        state.apply(Event("run-start", "r_1"))
    with pytest.raises(KeyError):
        state.apply(Event("text", "r_2", {"text": "of no run"}))


def test_a_run_is_active_until_it_ends() -> None:
    state = SessionState()
    state.apply(USER)
    assert list(state.active) == ["r_1"]
    state.apply(Event("run-end", "r_1", {"reason": "superseded"}))
    assert (list(state.active), list(state.runs)) == ([], ["r_1"])


def test_a_stop_that_came_first_is_remembered_by_key() -> None:
    state = SessionState()
    state.apply(Event("stop", None, {"by": "phone", "key": "k"}))
    assert state.stopped_keys == {"k"}
    assert state.transcript() == []
