from __future__ import annotations

import pytest

from audit.checks.stop_aim import STOP_AIM
from audit.event import Phase, Value
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {label: {"items": 10, "format": "tok-{:04d}"} for label in ("run-1", "run-2")}}


def late(outcome: Phase = Phase.OK, reply: Value | None = None) -> Story:
    """The stop of run-1 is repeated in the middle of run-2."""
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    story.stops("phone")
    story.ends("phone", reason="stopped")
    story.prompts("phone", "run-2", "r2")
    story.says(range(1, 6), "phone", run="r2")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    return story


def repeated(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what == "stop")[2:]


def test_the_next_run_goes_on_to_its_end() -> None:
    story = late().says(range(6, 11), "phone", run="r2").ends("phone", run="r2")
    phone = judged(STOP_AIM, story)["phone"]
    assert phone.verdict is PASS
    assert phone.evidence == (*repeated(story), len(story.events) - 2, len(story.events) - 1)


@pytest.mark.parametrize("reason", ["stopped", "superseded", "failed"])
def test_the_late_stop_hits_the_next_run(reason: str) -> None:
    story = late().ends("phone", run="r2", reason=reason)
    phone = judged(STOP_AIM, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*repeated(story), len(story.events) - 1))
    assert f"run-2 ended {reason}" in phone.why


def test_the_next_run_falls_silent() -> None:
    story = late()
    settled = story.note("stage", "settled", why="deadline")
    phone = judged(STOP_AIM, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*repeated(story), settled))


def test_a_trial_cut_short_proves_nothing() -> None:
    story = late()
    history = History(story.meta, tuple(story.events), whole=False)
    assert judged(STOP_AIM, history)["phone"].verdict is INCONCLUSIVE


def test_without_a_stop_there_is_nothing_to_aim() -> None:
    story = late(Phase.FAIL, {"unsupported": True})
    phone = judged(STOP_AIM, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, repeated(story))


def test_a_stop_of_the_run_itself_is_no_case() -> None:
    story = late()
    story.stops("phone", "run-2")
    assert judged(STOP_AIM, story) == {}


def test_a_run_that_was_still_going_on_may_be_stopped_beside_another() -> None:
    story = Story("phone", oracle=ASKED)
    story.prompts("phone")
    story.says([1], "phone")
    story.prompts("phone", "run-2", "r2")
    story.says([1], "phone", run="r2")
    story.stops("phone", "run-1")
    assert judged(STOP_AIM, story) == {}


def test_without_counting_its_ending_tells() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.ends("phone")
    story.prompts("phone", "run-2", "r2")
    story.stops("phone", "run-1")
    story.says([1], "phone", run="r2").ends("phone", run="r2")
    assert judged(STOP_AIM, story)["phone"].verdict is PASS


def test_completed_in_name_only() -> None:
    story = late().ends("phone", run="r2")
    phone = judged(STOP_AIM, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*repeated(story), len(story.events) - 1))


@pytest.mark.parametrize(("reason", "verdict"), [("stopped", GAP), ("completed", PASS)])
def test_stopping_what_waits_leaves_the_answer_before_it_alone(reason: str, verdict: object) -> None:
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    story.prompts("phone", "run-2", "r2")
    story.stops("phone", "run-2")
    story.ends("phone", run="r2", reason="stopped", at=20)
    story.says(range(4, 11), "phone").ends("phone", reason=reason)
    phone = judged(STOP_AIM, story)["phone"]
    assert phone.verdict is verdict
    assert "late" not in phone.why


def test_hanging_up_is_not_aimed_at_all() -> None:
    assert judged(STOP_AIM, late(Phase.INFO, {"hangup": True})) == {}
