from __future__ import annotations

import pytest

from audit.checks.stop_reach import STOP_REACH
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def elsewhere(outcome: Phase | None = Phase.OK, reply: Value | None = None) -> Story:
    """The phone asks, the laptop presses stop."""
    story = Story("phone", "laptop", scenario="stop-elsewhere", oracle=ASKED)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.note("stage", "mark", name="arm", arm="other-device", label="run-1")
    story.does("laptop", "stop", outcome, reply, label="run-1", key="k")
    return story


def pressed(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what in ("mark", "stop"))


def test_it_ends_the_run() -> None:
    story = elsewhere().ends("phone", "laptop", reason="stopped")
    laptop = judged(STOP_REACH, story)["laptop"]
    assert (laptop.verdict, laptop.why) == (PASS, "The laptop's stop of run-1 from another device ended the run.")
    assert laptop.evidence == (*pressed(story), len(story.events) - 2, len(story.events) - 1)


def test_the_run_goes_on_all_the_same() -> None:
    story = elsewhere().says(range(6, 41), "phone", "laptop").ends("phone", "laptop")
    laptop = judged(STOP_REACH, story)["laptop"]
    assert laptop.verdict is GAP
    assert {*pressed(story), len(story.events) - 1} <= set(laptop.evidence)


@pytest.mark.parametrize(
    ("outcome", "reply", "said"),
    [
        (Phase.FAIL, {"unsupported": True, "error": "no stop"}, "is not offered (no stop)"),
        (Phase.FAIL, {"status": 403}, "failed (403)"),
        (Phase.INFO, {"hangup": True}, "could only hang up"),
    ],
)
def test_it_cannot_be_stopped_from_there(outcome: Phase, reply: Value, said: str) -> None:
    story = elsewhere(outcome, reply).says(range(6, 41), "phone").ends("phone")
    laptop = judged(STOP_REACH, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, pressed(story))
    assert said in laptop.why


def test_nobody_saw_the_effect() -> None:
    story = elsewhere(None)
    laptop = judged(STOP_REACH, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (INCONCLUSIVE, pressed(story))


def test_a_stop_that_no_mark_announces_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.stops("phone")
    assert judged(STOP_REACH, story) == {}


def test_only_a_stop_after_the_mark_and_of_its_run_is_meant() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.stops("phone")
    story.note("stage", "mark", name="arm", arm="after-reload", label="run-1")
    story.prompts("phone", "run-2", "r2")
    story.stops("phone", "run-2")
    assert judged(STOP_REACH, story) == {}
