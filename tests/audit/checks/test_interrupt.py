from __future__ import annotations

import pytest

from audit.checks.interrupt import INTERRUPT

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def interrupted(policy: str = "interrupt") -> Story:
    """Phone and laptop watch run-1; the laptop asks for something else, and that is accepted."""
    story = Story("phone", "laptop", contract={"concurrent_send": policy})
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.prompts("laptop", "run-2", "r2")
    return story


def goes_on(story: Story) -> Story:
    for who in ("phone", "laptop"):
        story.sees(who, "text", "r2", text="tok-0001 ", cursor="e:21")
        story.sees(who, "end", "r2", reason="completed", cursor="e:22")
    story.note("stage", "settled", why="ended")
    return story


def test_both_are_told_and_get_nothing_more() -> None:
    story = goes_on(interrupted().says([6], "phone", "laptop").ends("phone", "laptop", reason="superseded"))
    found = judged(INTERRUPT, story)
    assert {device: each.verdict for device, each in found.items()} == {"phone": PASS, "laptop": PASS}


def test_a_word_behind_the_ending() -> None:
    story = interrupted().ends("phone", "laptop", reason="superseded", at=10)
    late = story.sees("phone", "text", "r1", text="tok-0006 ", cursor="e:11")
    found = judged(INTERRUPT, goes_on(story))
    assert (found["phone"].verdict, found["phone"].value) == (GAP, 1)
    assert late in found["phone"].evidence
    assert found["laptop"].verdict is PASS


def test_a_word_behind_the_beginning_of_the_newer_answer() -> None:
    story = interrupted()
    story.sees("phone", "text", "r2", text="tok-0001 ", cursor="e:10")
    late = story.sees("phone", "text", "r1", text="tok-0006 ", cursor="e:11")
    story.ends("phone", "laptop", reason="superseded", at=12)
    phone = judged(INTERRUPT, goes_on(story))["phone"]
    assert phone.verdict is GAP
    assert late in phone.evidence


def test_words_beyond_the_budget() -> None:
    story = interrupted().wait(1_500)
    story.says([6], "phone", "laptop").ends("phone", "laptop", reason="superseded")
    assert {each.verdict for each in judged(INTERRUPT, goes_on(story)).values()} == {GAP}


@pytest.mark.parametrize("told", [None, "completed", "unknown"])
def test_a_viewer_who_is_not_told(told: str | None) -> None:
    story = interrupted().ends("laptop", reason="superseded")
    if told:
        story.ends("phone", reason=told)
    found = judged(INTERRUPT, goes_on(story))
    assert (found["phone"].verdict, found["laptop"].verdict) == (GAP, PASS)
    assert "was watching it" in found["phone"].why


def test_superseded_though_nobody_declared_it_is_still_told() -> None:
    story = goes_on(interrupted("queue").ends("laptop", reason="superseded"))
    assert judged(INTERRUPT, story)["phone"].verdict is GAP


def test_nothing_is_superseded_where_prompts_wait() -> None:
    story = goes_on(interrupted("queue").says(range(6, 9), "phone", "laptop").ends("phone", "laptop"))
    assert judged(INTERRUPT, story) == {}


def test_an_answer_that_went_on_shows_nothing_of_being_superseded() -> None:
    story = goes_on(interrupted().says(range(6, 9), "phone", "laptop").ends("phone", "laptop"))
    assert judged(INTERRUPT, story)["laptop"].verdict is INCONCLUSIVE


def test_a_device_whose_connection_was_cut_is_left_out() -> None:
    story = interrupted()
    story.strikes("phone")
    story.ends("laptop", reason="superseded")
    story.sees("laptop", "end", "r2", reason="completed")
    story.note("stage", "settled", why="ended")
    assert "phone" not in judged(INTERRUPT, story)
