from __future__ import annotations

from typing import Any

from audit.checks.join import JOIN
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted


def speaking(**changes: Any) -> Story:
    """The laptop has seen six words of its answer when the phone opens the session."""
    story = Story("laptop", "phone", **changes)
    story.joins("laptop")
    story.prompts("laptop")
    story.says(range(1, 7), "laptop")
    return story


def joined(story: Story, device: str = "phone") -> list[int]:
    return [e.index for e in story.events if e.what == "join" and e.who == device]


def last_word(story: Story) -> int:
    return max(e.index for e in story.events if e.who == "laptop" and e.what == "text")


def test_history_and_live_meet_without_a_seam() -> None:
    story = speaking()
    story.joins("phone")
    story.says(range(1, 7), "phone").says(range(7, 11), "laptop", "phone").ends("laptop", "phone")
    phone = judged(JOIN, story)["phone"]
    assert (phone.verdict, phone.evidence) == (PASS, (*joined(story), last_word(story)))
    assert phone.why.endswith("and shows all 10 words once.")


def test_a_hole() -> None:
    story = speaking()
    story.joins("phone")
    story.says(range(8, 11), "laptop", "phone")
    phone = judged(JOIN, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 6, "words")
    assert "never showed tok-0001, tok-0002 … tok-0006 (6 of 9 words)" in phone.why
    assert set(joined(story)) < set(phone.evidence)


def test_an_overlap() -> None:
    story = speaking(traits={"dedupe": "none"})
    story.joins("phone")
    story.says(range(1, 7), "phone")
    twice = len(story.events)
    story.says(range(5, 7), "phone")
    phone = judged(JOIN, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 2)
    assert {twice, twice + 1} < set(phone.evidence)
    assert "tok-0005, tok-0006 (2 of 6 words) twice" in phone.why


def test_the_transcript_it_read_and_the_live_text_are_one() -> None:
    story = speaking()
    story.reads("phone", answer(counted(6), ending="running"), shown=True)
    story.joins("phone")
    story.says(range(7, 11), "laptop", "phone")
    assert judged(JOIN, story)["phone"].verdict is PASS


def test_no_way_to_join() -> None:
    for reply, said in (({"unsupported": True}, "is not offered"), ({"status": 404}, "failed (404)")):
        story = speaking()
        story.does("phone", "join", Phase.FAIL, reply, conn=1)
        phone = judged(JOIN, story)["phone"]
        assert (phone.verdict, phone.evidence) == (GAP, (last_word(story), *joined(story)))
        assert said in phone.why


def test_nothing_to_compare_with() -> None:
    story = Story("laptop", "phone")
    story.prompts("laptop")
    story.says([1, 2], "laptop")
    story.note("laptop", "offline")
    story.joins("phone")
    phone = judged(JOIN, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, tuple(joined(story)))


def test_a_reload_joins_anew() -> None:
    story = speaking()
    story.joins("phone", conn=1)
    story.says(range(1, 7), "phone")
    story.note("phone", "forget")
    story.joins("phone", conn=2)
    story.says(range(4, 7), "phone", conn=2)
    phone = judged(JOIN, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 3)


def test_who_came_before_the_first_word_or_left_again_is_no_case() -> None:
    story = Story("laptop", "phone")
    story.joins("phone")
    story.prompts("laptop")
    story.says([1], "laptop")
    assert judged(JOIN, story) == {}
    story = speaking()
    story.joins("phone")
    story.note("phone", "leave")
    assert judged(JOIN, story) == {}


def test_who_had_watched_and_joins_once_more_is_no_case() -> None:
    story = speaking()
    story.says(range(1, 7), "phone")
    story.joins("phone", conn=2)
    assert judged(JOIN, story) == {}
