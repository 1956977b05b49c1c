from __future__ import annotations

from audit.checks.order import ORDER

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, dropped


def test_order_is_kept_over_the_seam() -> None:
    assert verdicts(ORDER, dropped()) == {"phone": PASS, "laptop": INCONCLUSIVE}


def test_live_items_in_front_of_the_replay_break_it() -> None:
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    story.strikes("phone")
    story.says(range(4, 8), "laptop").ends("laptop")
    story.resumes("phone", conn=2)
    story.says([6, 7], "phone", conn=2)
    story.says([4, 5], "phone", conn=2)
    phone = judged(ORDER, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 2, "words")
    assert "tok-0004, tok-0005 (2 of 7 words)" in phone.why
    said = [story.events[index].value["text"] for index in phone.evidence if story.events[index].who == "phone"]
    assert said == ["tok-0007 ", "tok-0004 ", "tok-0005 "]


def test_a_repeat_is_not_a_break_of_order() -> None:
    story = Story("phone", "laptop", traits={"dedupe": "none"})
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "laptop", "phone").ends("laptop")
    story.says(range(1, 4), "phone")
    assert verdicts(ORDER, story)["phone"] is PASS


def test_nothing_shown_is_no_case() -> None:
    assert verdicts(ORDER, Story("phone")) == {}
