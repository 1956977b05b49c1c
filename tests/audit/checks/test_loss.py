from __future__ import annotations

from typing import Any

from audit.checks.loss import LOSS
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted, dropped

TEN = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def holed(**changes: Any) -> Story:
    """A phone is cut after five of ten words; coming back brings only the last two."""
    story = Story("phone", "laptop", **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.strikes("phone")
    story.says(range(6, 9), "laptop")
    story.resumes("phone", conn=2, cursor="e:5")
    story.says([9, 10], "phone", conn=2)
    story.says([9, 10], "laptop")
    story.ends("laptop")
    story.ends("phone", conn=2)
    return story


def test_a_device_that_came_back_has_every_word() -> None:
    found = judged(LOSS, dropped())
    assert found["phone"].verdict is PASS
    assert (found["phone"].value, found["phone"].unit) == (0, "words")
    assert found["phone"].why == "The phone shows all 10 words of run-1."


def test_words_said_during_the_cut_are_lost() -> None:
    story = holed()
    phone = judged(LOSS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 3)
    assert phone.why == (
        "The phone never showed tok-0006, tok-0007, tok-0008 (3 of 10 words) of run-1; the laptop showed them."
    )
    told = [story.events[index].what for index in phone.evidence]
    assert {"prompt", "fault", "resume", "text"} <= set(told)


def test_the_witness_itself_is_held_to_the_counting() -> None:
    story = holed(oracle=TEN)
    assert verdicts(LOSS, story) == {"phone": GAP, "laptop": PASS}


def test_an_undisturbed_device_can_lose_words_too() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 11), "phone")
    story.says([1, 2, 3, 5, 6, 7, 8, 9, 10], "laptop")
    story.ends("phone", "laptop")
    laptop = judged(LOSS, story)["laptop"]
    assert (laptop.verdict, laptop.value) == (GAP, 1)
    assert "tok-0004 (1 of 10 words)" in laptop.why


def test_a_failed_or_unsupported_way_back_is_named() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    cut = story.strikes("phone")
    failed = story.does("phone", "resume", Phase.FAIL, {"unsupported": True, "error": "no cursor"}, conn=2)
    story.says(range(6, 11), "laptop").ends("laptop")
    phone = judged(LOSS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 5)
    assert phone.why.endswith("and its resume is not offered (no cursor).")
    assert {cut, failed, failed + 1} <= set(phone.evidence)


def test_a_word_that_breaks_off_is_lost() -> None:
    story = Story("phone", oracle=TEN)
    story.prompts("phone")
    story.says(range(1, 10), "phone")
    story.sees("phone", "text", text="tok-00", cursor="e:10")
    assert judged(LOSS, story)["phone"].value == 1


def test_the_transcript_settles_what_nobody_watched() -> None:
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.strikes("phone")
    story.resumes("phone")
    read = story.reads("phone", answer(counted(10)), final=True)
    phone = judged(LOSS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 5)
    assert "the transcript holds them" in phone.why
    assert read + 1 in phone.evidence


def test_without_an_oracle_nothing_is_proven() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    assert verdicts(LOSS, story) == {"phone": INCONCLUSIVE}


def test_who_left_or_was_never_let_back_is_owed_nothing() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says([1], "phone", "laptop")
    story.note("laptop", "leave")
    story.strikes("phone")
    assert verdicts(LOSS, story) == {}


def test_who_came_late_is_judged_by_the_join_rule() -> None:
    story = Story("phone", "tab", oracle=TEN)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.joins("tab")
    story.says(range(6, 11), "phone", "tab")
    assert verdicts(LOSS, story) == {"phone": PASS}


def test_a_prompt_that_was_refused_owes_nothing() -> None:
    story = Story("phone", oracle=TEN)
    story.does("phone", "prompt", Phase.FAIL, label="run-1", key="k", text="?", asked=TEN["runs"]["run-1"])
    assert verdicts(LOSS, story) == {}


def test_who_joined_and_never_followed_the_run_lost_nothing_of_it() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 11), "phone").ends("phone")
    assert verdicts(LOSS, story) == {"phone": PASS}


def test_who_lost_its_stream_before_the_first_word_did_lose_them() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.strikes("laptop")
    story.says(range(1, 11), "phone").ends("phone")
    story.resumes("laptop")
    assert verdicts(LOSS, story) == {"phone": PASS, "laptop": GAP}


def test_who_asked_and_never_got_a_word_lost_them_all() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 11), "laptop").ends("laptop")
    assert verdicts(LOSS, story) == {"phone": GAP, "laptop": PASS}


def test_a_run_that_ended_before_its_first_word_lost_none() -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.strikes("phone")
    story.ends("laptop", reason="failed")
    story.resumes("phone")
    assert "phone" not in verdicts(LOSS, story)
