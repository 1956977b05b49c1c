from __future__ import annotations

from typing import Any

from audit.checks.early_resume import EARLY_RESUME
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story


def dropped_early(**changes: Any) -> Story:
    """A phone loses its stream between the accepted prompt and the first word."""
    story = Story("phone", "laptop", **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.strikes("phone")
    return story


def test_the_first_word_still_came() -> None:
    story = dropped_early()
    invoke = story.resumes("phone")
    story.says([1, 2], "phone", conn=2)
    phone = judged(EARLY_RESUME, story)["phone"]
    assert phone.verdict is PASS
    assert phone.evidence[-3:] == (invoke, invoke + 1, invoke + 2)


def test_nothing_to_resume_is_a_gap_even_when_a_later_attempt_works() -> None:
    story = dropped_early()
    invoke = story.resumes("phone", nothing=True)
    story.resumes("phone", conn=3)
    story.says([1], "phone", conn=3)
    phone = judged(EARLY_RESUME, story)["phone"]
    assert phone.verdict is GAP
    assert {invoke, invoke + 1} <= set(phone.evidence)
    assert "nothing to resume" in phone.why


def test_a_failed_unsupported_or_unanswered_resume_is_a_gap() -> None:
    for outcome, answer, said in (
        (Phase.FAIL, {"error": "HTTP 404"}, "its resume failed (HTTP 404)."),
        (Phase.FAIL, {"unsupported": True}, "its resume is not offered."),
        (None, None, "its resume was never answered."),
    ):
        story = dropped_early()
        invoke = story.does("phone", "resume", outcome, answer, conn=2)
        story.says([1], "laptop")
        phone = judged(EARLY_RESUME, story)["phone"]
        assert phone.verdict is GAP
        assert phone.why.endswith(said)
        assert invoke in phone.evidence


def test_others_saw_the_words_that_never_came() -> None:
    story = dropped_early()
    story.resumes("phone")
    story.says([1], "laptop")
    phone = judged(EARLY_RESUME, story)["phone"]
    assert phone.verdict is GAP
    assert phone.evidence[-1] == len(story.events) - 1


def test_nobody_saw_any_word() -> None:
    story = dropped_early()
    story.resumes("phone")
    assert verdicts(EARLY_RESUME, story) == {"phone": INCONCLUSIVE}


def test_a_resume_that_our_own_fault_broke_is_no_case() -> None:
    story = dropped_early()
    invoke = story.add("phone", Phase.INVOKE, "resume", conn=2)
    story.strikes("phone", "refuse", conn=2)
    story.add("phone", Phase.FAIL, "resume", invoke, error="connection refused")
    assert verdicts(EARLY_RESUME, story) == {}


def test_a_prompt_whose_answer_was_lost_counts_as_sent() -> None:
    story = Story("phone", "laptop")
    story.joins("laptop")
    story.does("phone", "prompt", Phase.INFO, label="run-1", key="k", text="?", answer={"run": "r1"})
    story.resumes("phone", nothing=True)
    story.says([1], "laptop")
    assert verdicts(EARLY_RESUME, story) == {"phone": GAP}


def test_after_text_or_the_end_it_is_not_early() -> None:
    story = dropped_early()
    story.says([1], "phone")
    story.resumes("phone", nothing=True)
    assert verdicts(EARLY_RESUME, story) == {}
    story = dropped_early()
    story.says([1], "laptop").ends("laptop")
    story.resumes("phone", nothing=True)
    assert verdicts(EARLY_RESUME, story) == {}


def test_joining_is_coming_back_only_for_who_asked() -> None:
    story = dropped_early()
    story.joins("laptop", conn=2, nothing=True)
    assert verdicts(EARLY_RESUME, story) == {}
    story.joins("phone", conn=2, nothing=True)
    assert verdicts(EARLY_RESUME, story) == {"phone": GAP}


def test_where_a_disconnect_cancels_there_is_nothing_to_resume() -> None:
    story = dropped_early(contract={"disconnect": "cancel"})
    story.resumes("phone", nothing=True)
    story.says([1], "laptop")
    assert verdicts(EARLY_RESUME, story) == {}


def test_a_run_that_died_before_its_first_word_is_no_case_even_when_its_end_is_told_late() -> None:
    story = dropped_early()
    story.resumes("phone", nothing=True)
    story.ends("laptop", reason="stopped")
    assert verdicts(EARLY_RESUME, story) == {}
    story.says([1], "laptop")
    assert verdicts(EARLY_RESUME, story) == {"phone": GAP}
