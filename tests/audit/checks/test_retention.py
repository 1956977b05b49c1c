from __future__ import annotations

from typing import Any

from audit.checks.retention import RETENTION
from audit.event import Phase, Value
from audit.finding import Verdict

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}
PROMISED = {"device": "phone", "label": "run-1", "retention_s": 5.0, "waited_s": 6.0}


def late(outcome: Phase = Phase.OK, reply: Value | None = None, gap: bool = False, **changes: Any) -> Story:
    """The phone is away until well after the end of the run, and comes back."""
    story = Story("phone", "laptop", **({"oracle": ASKED} | changes))
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.strikes("phone")
    story.note("stage", "mark", name="retention", **PROMISED)
    story.says(range(6, 11), "laptop").ends("laptop").wait(6_000)
    story.does("phone", "resume", outcome, reply, conn=2, cursor="e:5")
    if gap:
        story.sees("phone", "gap", conn=2, reason="expired")
    return story


def read(story: Story, upto: int) -> Story:
    story.note("stage", "settled", why="ended")
    story.reads("phone", answer(counted(upto)), final=True)
    return story


def test_more_than_was_promised_is_fine() -> None:
    story = late().says(range(6, 11), "phone", conn=2).ends("phone", conn=2)
    assert judged(RETENTION, read(story, 10))["phone"].verdict is PASS


def test_a_named_gap_and_the_answer_in_the_transcript() -> None:
    phone = judged(RETENTION, read(late(gap=True), 10))["phone"]
    assert phone.verdict is PASS and "gap: expired" in phone.why


def test_a_refusal_and_nothing_are_told_as_well() -> None:
    assert judged(RETENTION, read(late(Phase.FAIL, {"status": 410}), 10))["phone"].verdict is PASS
    assert judged(RETENTION, read(late(reply={"nothing": True}), 10))["phone"].verdict is PASS
    assert judged(RETENTION, read(late(reply={"recovered": False}), 10))["phone"].verdict is PASS


def test_an_empty_success_is_a_gap_even_if_the_transcript_has_it() -> None:
    phone = judged(RETENTION, read(late(), 10))["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 5, "words")
    assert "nothing told it so" in phone.why


def test_so_is_the_tail_without_a_word() -> None:
    story = late().says(range(9, 11), "phone", conn=2).ends("phone", conn=2)
    assert judged(RETENTION, read(story, 10))["phone"].verdict is GAP


def test_told_and_gone_for_good_is_a_gap() -> None:
    phone = judged(RETENTION, read(late(gap=True), 7))["phone"]
    assert phone.verdict is GAP and "no transcript holds" in phone.why


def test_who_never_came_back_proves_nothing() -> None:
    story = Story("phone", oracle=ASKED)
    story.joins("phone")
    story.prompts("phone")
    story.note("stage", "mark", name="retention", **PROMISED)
    assert judged(RETENTION, story)["phone"].verdict is INCONCLUSIVE


def test_a_promise_that_is_too_long_to_wait_for_says_so() -> None:
    story = Story("phone")
    story.note("stage", "mark", name="retention", retention_s=86_400.0, longest_s=10.0)
    found = judged(RETENTION, story)[None]
    assert found.verdict is Verdict.NOT_APPLICABLE and "86400 s" in found.why and "10 s" in found.why
    assert judged(RETENTION, Story("phone")) == {}
