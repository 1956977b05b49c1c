from __future__ import annotations

import pytest

from audit.checks.buffering import BUFFERING
from audit.event import Phase

from .judged import GAP, PASS, judged, verdicts
from .story import Story


def paced(
    items: int, first_ms: float, between_ms: float, pace_ms: float = 10.0, asked_ms: float | None = None
) -> Story:
    """A phone is sent so many pieces, the first one after `first_ms`."""
    story = Story("phone", step_ms=0, deadlines={"pace_ms": pace_ms})
    asked = {"items": items, "format": "tok-{:04d}", "pace_ms": asked_ms} if asked_ms is not None else None
    story.does("phone", "prompt", answer={"run": "r1"}, label="run-1", key="k", text="?", asked=asked)
    story.wait(first_ms)
    for number in range(1, items + 1):
        story.says([number], "phone").wait(between_ms)
    return story


def test_an_even_stream_is_smooth() -> None:
    phone = judged(BUFFERING, paced(40, 10, 10))["phone"]
    assert phone.verdict is PASS
    assert (phone.value, phone.unit) == (3 / 40, "share")


def test_one_burst_at_the_end_is_a_gap() -> None:
    story = paced(40, 400, 0)
    phone = judged(BUFFERING, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 1.0)
    assert phone.evidence == (1, 3, len(story.events) - 1)
    assert phone.why.startswith("100% of the 40 pieces")


def test_a_few_bursts_are_not_one() -> None:
    story = paced(20, 200, 0)
    story.wait(200).says(range(21, 41), "phone")
    phone = judged(BUFFERING, story)["phone"]
    assert (phone.verdict, phone.value) == (PASS, 0.5)


def test_the_prompt_s_own_pace_counts_before_the_measured_one() -> None:
    assert verdicts(BUFFERING, paced(40, 400, 0, pace_ms=0.1, asked_ms=10)) == {"phone": GAP}
    assert verdicts(BUFFERING, paced(40, 400, 0, asked_ms=0)) == {}


@pytest.mark.parametrize("story", [paced(9, 400, 0), paced(40, 200, 0), paced(40, 400, 0, pace_ms=2)])
def test_too_few_too_short_or_too_fast_is_no_case(story: Story) -> None:
    assert verdicts(BUFFERING, story) == {}


def test_who_joins_late_is_judged_from_there_on() -> None:
    story = Story("phone", "tab", step_ms=0, deadlines={"pace_ms": 10.0})
    story.prompts("phone")
    story.says(range(1, 41), "phone").wait(1_000)
    story.joins("tab")
    story.says(range(1, 41), "tab")
    assert verdicts(BUFFERING, story) == {}
    story.wait(300).says(range(41, 45), "phone", "tab")
    assert verdicts(BUFFERING, story) == {"phone": PASS, "tab": PASS}


def test_who_joins_late_is_held_up_all_the_same() -> None:
    story = Story("phone", "tab", step_ms=0, deadlines={"pace_ms": 10.0})
    story.prompts("phone")
    story.says(range(1, 11), "phone").wait(1_000)
    answered = story.joins("tab") + 1
    story.says(range(1, 11), "tab").wait(1_000).says(range(11, 71), "phone", "tab")
    tab = judged(BUFFERING, story)["tab"]
    assert (tab.verdict, tab.evidence[0]) == (GAP, answered)


def test_a_slow_join_is_not_a_slow_stream() -> None:
    story = Story("phone", "tab", step_ms=0, deadlines={"pace_ms": 10.0})
    story.prompts("phone")
    join = story.add("tab", Phase.INVOKE, "join", conn=1)
    story.says([1], "phone").wait(500)
    story.add("tab", Phase.OK, "join", join, conn=1)
    story.says(range(1, 61), "tab").wait(20).says([61], "tab")
    assert verdicts(BUFFERING, story) == {}
    story.wait(300).says([62], "tab")
    assert verdicts(BUFFERING, story) == {"tab": PASS}


def test_who_asked_waits_from_its_prompt_on() -> None:
    story = Story("phone", step_ms=0, deadlines={"pace_ms": 10.0}, traits={"subscribes": False})
    asked = story.add("phone", Phase.INVOKE, "prompt", conn=1, label="run-1", key="k", text="?")
    story.wait(500)
    story.add("phone", Phase.OK, "prompt", asked, conn=1, run="r1")
    story.says(range(1, 41), "phone")
    assert verdicts(BUFFERING, story) == {"phone": GAP}


def test_a_disturbed_device_is_no_case() -> None:
    story = paced(40, 400, 0)
    story.strikes("phone")
    assert verdicts(BUFFERING, story) == {}
