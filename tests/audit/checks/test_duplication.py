from __future__ import annotations

from audit.checks.duplication import DUPLICATION

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, dropped


def replayed(dedupe: str) -> Story:
    """After the cut the phone is sent the last two words again."""
    story = Story("phone", "laptop", traits={"dedupe": dedupe})
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.strikes("phone")
    story.resumes("phone", conn=2, cursor="e:5")
    story.says([4, 5, 6], "phone", conn=2)
    story.says([6], "laptop").ends("laptop")
    story.ends("phone", conn=2)
    return story


def test_nothing_is_shown_twice() -> None:
    found = judged(DUPLICATION, dropped())
    assert found["phone"].verdict is PASS
    assert found["phone"].why == "The phone shows no word of run-1 twice."


def test_repeats_that_a_client_can_drop_are_no_gap() -> None:
    phone = judged(DUPLICATION, replayed("cursor"))["phone"]
    assert (phone.verdict, phone.value) == (PASS, 0)
    assert "2 items sent again could be dropped by cursor" in phone.why
    assert len(phone.evidence) == 2


def test_repeats_that_nothing_tells_apart_are_shown() -> None:
    story = replayed("none")
    phone = judged(DUPLICATION, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 2, "words")
    assert "tok-0004, tok-0005 (2 of 6 words)" in phone.why
    said = [story.events[index].value["text"] for index in phone.evidence]
    assert said == ["tok-0004 ", "tok-0004 ", "tok-0005 ", "tok-0006 "]  # the last one settles the oracle


def test_without_an_oracle_nothing_is_proven() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says([1, 2], "phone")
    assert verdicts(DUPLICATION, story) == {"phone": INCONCLUSIVE}


def test_nothing_shown_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    assert verdicts(DUPLICATION, story) == {}
