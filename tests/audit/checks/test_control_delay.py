from __future__ import annotations

from audit.checks.control_delay import CONTROL_DELAY
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted


def pressing() -> Story:
    """The phone presses stop; the laptop watches."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says([1, 2], "phone", "laptop")
    story.stops("phone")
    return story


def asked(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what == "stop")


def test_it_is_measured_until_somebody_is_told() -> None:
    story = pressing().wait(40).ends("laptop", "phone", reason="stopped")
    phone = judged(CONTROL_DELAY, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 42, "ms")
    assert phone.evidence == (*asked(story), len(story.events) - 2)


def test_longer_than_the_budget() -> None:
    story = pressing().wait(1200).ends("phone", reason="stopped")
    phone = judged(CONTROL_DELAY, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 1202)
    assert phone.evidence == (*asked(story), len(story.events) - 1)


def test_late_news_on_a_stream_opened_late_measures_nothing() -> None:
    story = pressing().wait(1200)
    story.resumes("phone")
    story.ends("phone", reason="stopped", conn=2)
    assert judged(CONTROL_DELAY, story)["phone"].verdict is INCONCLUSIVE


def test_nobody_is_told_on_a_stream() -> None:
    story = pressing()
    story.reads("phone", answer(counted(2), ending="stopped"), final=True)
    phone = judged(CONTROL_DELAY, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, asked(story))


def test_without_a_stop_there_is_no_delay() -> None:
    story = Story("phone")
    story.prompts("phone")
    assert judged(CONTROL_DELAY, story) == {}
    story.does("phone", "stop", Phase.FAIL, {"unsupported": True}, label="run-1", key="k")
    assert judged(CONTROL_DELAY, story)["phone"].verdict is INCONCLUSIVE
