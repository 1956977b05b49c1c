from __future__ import annotations

from reference_impl.session.event import Event
from reference_impl.session.history import before
from reference_impl.session.state import SessionState


def test_answers_stand_behind_their_questions_and_what_is_not_over_is_left_out() -> None:
    state = SessionState()
    for run, text in (("r1", "one?"), ("r2", "two?"), ("r3", "three?"), ("r4", "four?")):  # all before any answer
        state.apply(Event("user", run, {"id": f"u_{run}", "text": text, "key": run}))
    state.apply(Event("run-start", "r1"))
    state.apply(Event("text", "r1", {"text": "on"}))
    state.apply(Event("text", "r1", {"text": "below", "agent": "a1"}))
    state.apply(Event("text", "r1", {"text": "e."}))
    state.apply(Event("run-end", "r1", {"reason": "completed"}))
    state.apply(Event("run-end", "r2", {"reason": "stopped"}))
    state.apply(Event("run-start", "r3"))
    state.apply(Event("text", "r3", {"text": "not yet"}))
    assert before(state, "r1") == []
    assert before(state, "r4") == [
        {"role": "user", "text": "one?"},
        {"role": "assistant", "text": "one."},
        {"role": "user", "text": "two?"},
    ]
