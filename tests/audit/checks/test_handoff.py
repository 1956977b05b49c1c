from __future__ import annotations

from typing import Any

from audit.checks.handoff import HANDOFF
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def handed(oracle: Any = ASKED, **changes: Any) -> Story:
    """The phone asks and leaves after five of ten words; the laptop has joined."""
    story = Story("phone", "laptop", oracle=oracle, **changes)
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.joins("laptop")
    story.says(range(1, 6), "laptop")
    story.note("phone", "leave")
    return story


def left(story: Story) -> int:
    return next(e.index for e in story.events if e.what == "leave")


def joined(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what == "join")


def test_the_other_device_reads_on_and_asks_on() -> None:
    story = handed().says(range(6, 11), "laptop").ends("laptop")
    story.prompts("laptop", "run-2", "r2")
    story.says([1], "laptop", run="r2")
    laptop = judged(HANDOFF, story)["laptop"]
    last = len(story.events) - 1
    assert (laptop.verdict, laptop.evidence) == (PASS, (*joined(story), left(story), last - 2, last - 1, last))
    assert "has all of it and was answered when it asked on (run-2)" in laptop.why


def test_the_answer_died_with_the_first_device() -> None:
    story = handed()
    story.reads("laptop", answer(counted(5)), final=True)
    laptop = judged(HANDOFF, story)["laptop"]
    assert (laptop.verdict, laptop.value, laptop.unit) == (GAP, 5, "words")
    assert {*joined(story), left(story)} < set(laptop.evidence)
    assert "the laptop never showed tok-0006, tok-0007, tok-0008, tok-0009, tok-0010 (5 of 10 words)" in laptop.why


def test_where_leaving_cancels_only_what_was_said_is_owed() -> None:
    story = handed(contract={"disconnect": "cancel"})
    story.reads("laptop", answer(counted(5), ending="failed"), final=True)
    assert judged(HANDOFF, story)["laptop"].verdict is PASS


def test_it_cannot_ask_on() -> None:
    story = handed().says(range(6, 11), "laptop").ends("laptop")
    asked = story.does("laptop", "prompt", Phase.FAIL, {"status": 409}, label="run-2", key="k2", text="?")
    laptop = judged(HANDOFF, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, (*joined(story), left(story), asked, asked + 1))
    assert "its next prompt (run-2) failed (409)" in laptop.why


def test_a_target_may_refuse_while_it_is_busy_if_it_declares_so() -> None:
    story = handed(contract={"concurrent_send": "reject"})
    story.does("laptop", "prompt", Phase.FAIL, {"status": 409}, label="run-2", key="k2", text="?")
    story.says(range(6, 11), "laptop").ends("laptop")
    assert judged(HANDOFF, story)["laptop"].verdict is PASS


def test_the_other_device_has_no_way_in() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.prompts("phone")
    story.says([1], "phone")
    story.does("laptop", "join", Phase.FAIL, {"unsupported": True}, conn=1)
    story.note("phone", "leave")
    laptop = judged(HANDOFF, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, (*joined(story), left(story)))


def test_nothing_to_compare_with() -> None:
    story = handed(oracle={"runs": {}})
    assert judged(HANDOFF, story)["laptop"].verdict is INCONCLUSIVE


def test_leaving_after_the_end_is_no_case() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.joins("laptop")
    story.prompts("phone")
    story.ends("phone")
    story.note("phone", "leave")
    assert judged(HANDOFF, story) == {}


def test_who_never_tried_to_be_part_of_it_or_left_as_well_is_no_case() -> None:
    story = Story("phone", "laptop", "tablet", oracle=ASKED)
    story.prompts("phone")
    story.joins("laptop")
    story.note("phone", "leave")
    story.note("laptop", "leave")
    assert judged(HANDOFF, story) == {}


def test_a_run_that_was_stopped_is_owed_as_far_as_it_went() -> None:
    story = handed()
    story.stops("laptop")
    story.ends("laptop", reason="stopped")
    story.reads("laptop", answer(counted(5), ending="stopped"), final=True)
    assert judged(HANDOFF, story)["laptop"].verdict is PASS
