from __future__ import annotations

import pytest

from audit.checks.text_integrity import TEXT_INTEGRITY

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted, dropped

TEN = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def watched(*pieces: str) -> Story:
    """A laptop sees ten words undisturbed; a phone is sent these pieces."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 11), "laptop").ends("laptop")
    for number, text in enumerate(pieces):
        story.sees("phone", "text", text=text, cursor=f"e:{number}")
    return story


def test_whole_words_pass() -> None:
    assert verdicts(TEXT_INTEGRITY, dropped())["phone"] is PASS
    assert verdicts(TEXT_INTEGRITY, watched("tok-", "0001 to", "k-0002"))["phone"] is PASS


@pytest.mark.parametrize("broken", ["tok-\ufffd\ufffd02 ", "tok-\ud83d "])
def test_a_damaged_character_is_a_gap(broken: str) -> None:
    story = watched("tok-0001 ", broken)
    phone = judged(TEXT_INTEGRITY, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 1)
    assert phone.evidence == (len(story.events) - 1,)


def test_words_glued_together_at_the_seam_are_a_gap() -> None:
    story = watched("tok-0001 tok-00", "tok-0003 ", "tok-0004")
    phone = judged(TEXT_INTEGRITY, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 1, "words")
    assert "tok-00tok-0003" in phone.why
    assert len(story.events) - 2 in phone.evidence


def test_bytes_that_the_protocol_does_not_allow_are_a_gap() -> None:
    story = dropped()
    index = story.sees("phone", "problem", error="a frame that is no JSON")
    phone = judged(TEXT_INTEGRITY, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (index,))
    assert phone.why.endswith("a frame that is no JSON.")


def test_a_word_that_breaks_off_at_the_end_is_lost_not_garbled() -> None:
    assert verdicts(TEXT_INTEGRITY, watched("tok-0001 ", "tok-00"))["phone"] is PASS


def test_an_oracle_that_is_too_short_accuses_nobody() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.reads("phone", answer(counted(3), ending="stopped"), final=True)
    assert verdicts(TEXT_INTEGRITY, story) == {"phone": PASS}


def test_words_that_were_asked_for_are_not_garbled() -> None:
    story = Story("phone", oracle=TEN)
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.reads("phone", answer("tok-0001 tok-0005", ending="stopped"), final=True)
    assert verdicts(TEXT_INTEGRITY, story) == {"phone": PASS}


def test_without_an_oracle_only_damage_can_be_seen() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says([1], "phone")
    assert verdicts(TEXT_INTEGRITY, story) == {"phone": INCONCLUSIVE}
