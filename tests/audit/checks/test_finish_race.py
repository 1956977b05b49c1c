from __future__ import annotations

from typing import Any

import pytest

from audit.checks.finish_race import FINISH_RACE
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted


def raced(**reply: Any) -> Story:
    """The laptop stops run-1 at its last word."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.stops("laptop", **reply)
    return story


@pytest.mark.parametrize("reason", ["stopped", "completed"])
def test_one_ending_everywhere(reason: str) -> None:
    story = raced().ends("phone", "laptop", reason=reason)
    story.reads("phone", answer(counted(5), ending=reason), final=True)
    found = judged(FINISH_RACE, story)[None]
    assert found.verdict is PASS
    assert f"1 {reason}" in found.why


def test_two_endings_on_one_device() -> None:
    story = raced().ends("phone", "laptop").ends("phone", reason="stopped", at=10_000)
    ends = [e.index for e in story.events if e.what == "end" and e.who == "phone"]
    found = judged(FINISH_RACE, story)[None]
    assert (found.verdict, found.value) == (GAP, 2)
    assert set(ends) <= set(found.evidence)
    assert "completed and stopped" in found.why


def test_the_devices_do_not_agree() -> None:
    found = judged(FINISH_RACE, raced().ends("phone").ends("laptop", reason="stopped"))[None]
    assert found.verdict is GAP
    assert "completed (on the phone) and stopped (on the laptop)" in found.why


def test_the_transcript_does_not_agree() -> None:
    story = raced().ends("phone", "laptop", reason="stopped")
    read = story.reads("phone", answer(counted(5), ending="completed"), final=True) + 1
    found = judged(FINISH_RACE, story)[None]
    assert found.verdict is GAP
    assert read in found.evidence


def test_an_ending_without_a_reason_contradicts_nothing() -> None:
    assert judged(FINISH_RACE, raced().ends("phone", reason="unknown").ends("laptop"))[None].verdict is PASS


def test_nobody_is_told() -> None:
    assert judged(FINISH_RACE, raced())[None].verdict is INCONCLUSIVE


@pytest.mark.parametrize(("outcome", "reply"), [(Phase.FAIL, {"unsupported": True}), (Phase.INFO, {"hangup": True})])
def test_without_a_stop_there_is_no_race(outcome: Phase, reply: dict[str, object]) -> None:
    story = Story("phone")
    story.prompts("phone")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    assert judged(FINISH_RACE, story.ends("phone")) == {}


def test_a_run_that_nobody_stopped_is_no_race() -> None:
    story = Story("phone")
    story.prompts("phone")
    assert judged(FINISH_RACE, story.ends("phone").ends("phone", reason="stopped", at=10_000)) == {}
