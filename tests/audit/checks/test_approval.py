from __future__ import annotations

from typing import Any

from audit.checks.approval import APPROVAL
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def waiting(**changes: Any) -> Story:
    """The agent has asked for an approval on both devices."""
    story = Story("laptop", "phone", **changes)
    story.joins("laptop")
    story.joins("phone")
    story.prompts("laptop")
    asks(story, "laptop", "phone")
    return story


def asks(story: Story, *to: str, conn: int = 1) -> None:
    for who in to:
        story.sees(who, "approval-request", conn=conn, id="q1", cursor="e:3")


def answers(story: Story, who: str, granted: bool = True, counted: bool | None = True) -> int:
    reply = {} if counted is None else {"granted": counted}
    return story.does(who, "approve", answer=reply, approval="q1", granted=granted)


def told(story: Story, *to: str, granted: bool = True, cursor: str = "e:4", conn: int = 1) -> list[int]:
    return [story.sees(who, "approval", conn=conn, id="q1", granted=granted, cursor=cursor) for who in to]


def reloaded(story: Story) -> int:
    story.note("laptop", "forget")
    return story.joins("laptop", conn=2)


def test_the_first_answer_counts_everywhere() -> None:
    story = waiting()
    join = reloaded(story)
    asks(story, "laptop", conn=2)
    answers(story, "phone")
    story.sees("laptop", "approval", conn=2, id="q1", granted=True, cursor="e:4")
    told(story, "phone")
    answers(story, "laptop", granted=False)
    found = judged(APPROVAL, story)
    assert {device: each.verdict for device, each in found.items()} == {"laptop": PASS, "phone": PASS}
    assert join < max(found["laptop"].evidence)


def test_lost_on_reload() -> None:
    story = waiting()
    join = reloaded(story)
    answers(story, "phone")
    told(story, "phone")
    laptop = judged(APPROVAL, story)["laptop"]
    assert laptop.verdict is GAP
    assert join in laptop.evidence
    assert "The laptop reloaded at" in laptop.why and "was not asked for it" in laptop.why


def test_a_resume_from_a_cursor_need_not_ask_again() -> None:
    story = waiting()
    story.resumes("phone", conn=2, cursor="e:3")
    answers(story, "laptop")
    told(story, "laptop")
    told(story, "phone", conn=2)
    assert judged(APPROVAL, story)["phone"].verdict is PASS


def test_resolved_twice() -> None:
    story = waiting()
    answers(story, "phone")
    first = told(story, "laptop", "phone")
    answers(story, "laptop")
    second = told(story, "laptop", "phone", cursor="e:9")
    phone = judged(APPROVAL, story)["phone"]
    assert (phone.verdict, phone.value, phone.evidence) == (GAP, 2, (first[1], second[1]))


def test_the_same_answer_on_another_stream_is_one_answer() -> None:
    story = waiting(traits={"dedupe": "none"})
    answers(story, "phone")
    told(story, "laptop", "phone")
    story.resumes("phone", conn=2)
    story.sees("phone", "approval", conn=2, id="q1", granted=True)
    assert judged(APPROVAL, story)["phone"].verdict is PASS


def test_two_answers_that_both_count() -> None:
    story = waiting()
    answers(story, "phone")
    told(story, "laptop", "phone")
    late = answers(story, "laptop", granted=False, counted=False)
    laptop = judged(APPROVAL, story)["laptop"]
    assert laptop.verdict is GAP
    assert late in laptop.evidence
    assert laptop.why == 'The laptop was told that "no" counts, and everybody that "yes" does.'


def test_another_device_may_not_answer() -> None:
    story = waiting()
    refused = story.does("phone", "approve", Phase.FAIL, {"status": 403}, approval="q1", granted=True)
    phone = judged(APPROVAL, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (refused, refused + 1))
    assert "failed (403)" in phone.why


def test_who_is_not_told_that_it_was_answered() -> None:
    story = waiting()
    answers(story, "phone")
    told(story, "phone")
    laptop = judged(APPROVAL, story)["laptop"]
    assert laptop.verdict is GAP
    assert "still asks for an approval" in laptop.why


def test_nobody_asked() -> None:
    story = Story("laptop")
    story.prompts("laptop")
    story.note("stage", "mark", name="asks", label="run-1")
    assert {device: each.verdict for device, each in judged(APPROVAL, story).items()} == {None: INCONCLUSIVE}
    assert judged(APPROVAL, Story("laptop")) == {}
