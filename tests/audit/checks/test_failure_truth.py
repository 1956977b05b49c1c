from __future__ import annotations

import pytest

from audit.checks.failure_truth import FAILURE_TRUTH
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted


def failing() -> Story:
    """Two devices hear three words of an answer whose agent is about to fail."""
    story = Story("phone", "laptop")
    story.note("stage", "mark", name="fails", label="run-1")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    return story


def settled(story: Story, why: str = "ended") -> Story:
    story.note("stage", "settled", why=why)
    return story


def test_everybody_is_told_that_it_failed() -> None:
    story = failing().ends("phone", "laptop", reason="failed")
    settled(story).reads("phone", answer(counted(3), ending="failed"), final=True)
    assert verdicts(FAILURE_TRUTH, story) == {"phone": PASS, "laptop": PASS}


@pytest.mark.parametrize("reason", ["completed", "stopped", "unknown"])
def test_it_is_called_something_else(reason: str) -> None:
    story = settled(failing().ends("phone", reason="failed").ends("laptop", reason=reason))
    found = judged(FAILURE_TRUTH, story)
    assert (found["phone"].verdict, found["laptop"].verdict) == (PASS, GAP)
    assert ("not how" if reason == "unknown" else reason) in found["laptop"].why


def test_the_transcript_calls_it_complete() -> None:
    story = settled(failing().ends("phone", "laptop", reason="failed"))
    read = story.reads("phone", answer(counted(3)), final=True)
    found = judged(FAILURE_TRUTH, story)
    assert (found["phone"].verdict, found["phone"].evidence, found["laptop"].verdict) == (GAP, (read + 1,), PASS)


def test_a_transcript_that_tells_no_endings_says_nothing_false() -> None:
    story = settled(failing().ends("phone", "laptop", reason="failed"))
    story.reads("phone", answer(counted(3), ending=None), final=True)
    assert verdicts(FAILURE_TRUTH, story) == {"phone": PASS, "laptop": PASS}


def test_whoever_came_back_waits_for_ever() -> None:
    story = failing()
    story.strikes("phone")
    story.ends("laptop", reason="failed")
    story.resumes("phone")
    found = judged(FAILURE_TRUTH, settled(story, "deadline"))
    assert (found["phone"].verdict, found["laptop"].verdict) == (GAP, PASS)
    assert "still waits" in found["phone"].why


def test_the_stream_was_over_and_nothing_said_why() -> None:
    story = failing()
    closed = story.add("phone", Phase.SEEN, "closed", conn=1, how="clean")
    story.ends("laptop", reason="failed")
    found = judged(FAILURE_TRUTH, settled(story))
    assert found["phone"].verdict is GAP and closed in found["phone"].evidence


def test_a_trial_that_ended_too_soon_proves_nothing() -> None:
    assert set(verdicts(FAILURE_TRUTH, failing()).values()) == {INCONCLUSIVE}


def test_who_is_gone_or_was_never_let_back_in_is_left_out() -> None:
    story = failing()
    story.strikes("phone")
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    story.note("laptop", "leave")
    assert verdicts(FAILURE_TRUTH, settled(story)) == {}


def test_no_agent_was_made_to_fail() -> None:
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone").ends("phone", reason="completed")
    assert verdicts(FAILURE_TRUTH, story) == {}
