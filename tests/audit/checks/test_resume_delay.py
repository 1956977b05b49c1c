from __future__ import annotations

from audit.checks.resume_delay import RESUME_DELAY
from audit.event import Phase

from .judged import GAP, PASS, judged, verdicts
from .story import Story, answer, counted, dropped


def resumed(*waits_ms: float, pace_ms: float = 10.0) -> Story:
    """A phone resumes again and again, and has to wait so long each time."""
    story = Story("phone", deadlines={"pace_ms": pace_ms})
    story.prompts("phone")
    for number, wait in enumerate(waits_ms, start=1):
        story.resumes("phone", conn=number + 1)
        story.wait(wait - 2).says([number], "phone", conn=number + 1)
    return story


def test_the_first_item_comes_at_once() -> None:
    phone = judged(RESUME_DELAY, dropped())["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 2, "ms")


def test_the_value_is_the_median_and_the_worst_is_judged() -> None:
    story = resumed(100, 200, 2500)
    phone = judged(RESUME_DELAY, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 200)
    assert "waited 2500 ms" in phone.why
    assert phone.evidence == (len(story.events) - 3, len(story.events) - 1)


def test_a_slow_agent_has_more_time() -> None:
    assert verdicts(RESUME_DELAY, resumed(2500, pace_ms=100)) == {"phone": PASS}


def test_a_transcript_shown_instead_counts() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.resumes("phone", nothing=True)
    story.wait(46).reads("phone", answer(counted(3)), shown=True)
    assert judged(RESUME_DELAY, story)["phone"].value == 49


def test_a_resume_that_brought_nothing_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    story.resumes("phone", conn=3)
    story.sees("phone", "ping", conn=3)
    assert verdicts(RESUME_DELAY, story) == {}


def test_a_transcript_in_place_of_a_resume_that_is_not_offered_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True})
    story.reads("phone", answer(counted(3)), shown=True)
    assert verdicts(RESUME_DELAY, story) == {}
