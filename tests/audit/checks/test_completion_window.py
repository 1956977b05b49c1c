from __future__ import annotations

from typing import Any

import pytest

from audit.checks.completion_window import COMPLETION_WINDOW
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted

TEN = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def away(**changes: Any) -> Story:
    """A phone sees five of ten words, is cut, and the run ends on the laptop."""
    story = Story("phone", "laptop", oracle=TEN, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.strikes("phone")
    return story.says(range(6, 11), "laptop").ends("laptop")


def test_coming_back_brings_all_of_it() -> None:
    story = away()
    over, back = len(story.events) - 1, story.resumes("phone")
    story.says(range(6, 11), "phone", conn=2).ends("phone", conn=2)
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert (phone.verdict, phone.value) == (PASS, 0)
    assert {over, back, back + 1, len(story.events) - 1} <= set(phone.evidence)


def test_the_transcript_will_do() -> None:
    story = away()
    story.resumes("phone", nothing=True)
    story.reads("phone", answer(counted(10)), shown=True)
    assert verdicts(COMPLETION_WINDOW, story) == {"phone": PASS}


def test_nothing_to_resume_and_a_transcript_without_endings_are_told_enough() -> None:
    story = away()
    story.resumes("phone", nothing=True)
    read = story.reads("phone", answer(counted(10), ending=None), shown=True)
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert phone.verdict is PASS
    assert phone.why.endswith("all 10 words and its ending (nothing more is streamed).")
    assert read - 1 in phone.evidence


@pytest.mark.parametrize(("text", "ending"), [(counted(9), None), (counted(10), "running"), (counted(10), "unknown")])
def test_a_transcript_that_lacks_words_or_tells_a_wrong_ending_is_not(text: str, ending: str | None) -> None:
    story = away()
    story.resumes("phone", nothing=True)
    story.reads("phone", answer(text, ending=ending), shown=True)
    assert verdicts(COMPLETION_WINDOW, story) == {"phone": GAP}


def test_a_transcript_without_endings_is_not_enough_while_a_stream_is_promised() -> None:
    story = away()
    story.resumes("phone")
    story.reads("phone", answer(counted(10), ending=None), shown=True)
    assert verdicts(COMPLETION_WINDOW, story) == {"phone": GAP}


def test_words_or_the_ending_that_do_not_come_are_a_gap() -> None:
    story = away()
    story.resumes("phone", nothing=True)
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 5, "words")
    story = away()
    story.resumes("phone")
    story.says(range(6, 11), "phone", conn=2)
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 0)
    assert "did not tell it how" in phone.why


def test_no_way_to_resume_is_a_gap() -> None:
    story = away()
    back = story.does("phone", "resume", Phase.FAIL, {"unsupported": True, "error": "no cursor"}, conn=2)
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert phone.verdict is GAP
    assert phone.why.endswith("; its resume is not offered (no cursor).")
    assert back + 1 in phone.evidence


def test_the_script_may_have_waited_alone() -> None:
    story = Story("phone", oracle=TEN)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.note("phone", "offline")
    mark = story.note("stage", "mark", name="absent", until="ended", label="run-1")
    story.resumes("phone")
    phone = judged(COMPLETION_WINDOW, story)["phone"]
    assert phone.verdict is GAP
    assert mark in phone.evidence


def test_without_an_oracle_only_the_ending_can_be_judged() -> None:
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.note("phone", "offline")
    story.note("stage", "mark", name="absent", until="ended", label="run-1")
    story.resumes("phone")
    story.says([1], "phone", conn=2).ends("phone", conn=2)
    assert verdicts(COMPLETION_WINDOW, story) == {"phone": INCONCLUSIVE}


def test_who_was_there_never_came_back_or_left_is_no_case() -> None:
    assert verdicts(COMPLETION_WINDOW, away()) == {}
    left = away()
    left.resumes("phone")
    left.note("phone", "leave")
    assert verdicts(COMPLETION_WINDOW, left) == {}
    back_before = Story("phone", "laptop", oracle=TEN)
    back_before.joins("phone")
    back_before.joins("laptop")
    back_before.prompts("phone")
    back_before.says([1], "phone", "laptop")
    back_before.strikes("phone")
    back_before.resumes("phone")
    back_before.ends("laptop")
    back_before.resumes("phone", conn=3)
    assert verdicts(COMPLETION_WINDOW, back_before) == {}


def test_a_run_that_the_disconnect_ended_as_declared_is_no_case() -> None:
    story = away(contract={"disconnect": "cancel"})
    story.resumes("phone", nothing=True)
    assert verdicts(COMPLETION_WINDOW, story) == {}
