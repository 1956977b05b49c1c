from __future__ import annotations

from audit.event import Phase
from audit.twin import twin_failure

from .checks.story import Story, answer, counted


def asked(outcome: Phase | None, **reply: object) -> Story:
    story = Story("phone", twin=True)
    story.does("phone", "prompt", outcome, dict(reply), text="count", key="k", label="run-1")
    return story


def test_a_twin_that_was_answered_did_not_fail() -> None:
    story = asked(Phase.OK, run="r1")
    story.says(range(1, 4), "phone")
    assert twin_failure(story.history()) == ""


def test_text_proves_acceptance_even_when_the_answer_to_the_prompt_was_lost() -> None:
    story = asked(Phase.INFO)
    story.says(range(1, 4), "phone", run="run-1")
    assert twin_failure(story.history()) == ""


def test_a_transcript_that_is_shown_is_text() -> None:
    story = asked(Phase.OK, run="r1")
    story.reads("phone", answer(counted(3)), shown=True)
    assert twin_failure(story.history()) == ""


def test_accepted_and_never_answered() -> None:
    why = twin_failure(asked(Phase.OK, run="r1").history())
    assert why == "In the fault-free twin run-1 was accepted and nobody saw a word of it."


def test_refused_with_the_reason() -> None:
    assert "(quota exceeded)" in twin_failure(asked(Phase.FAIL, error="quota exceeded", status=429).history())
    assert "(status 401)" in twin_failure(asked(Phase.FAIL, status=401).history())
    assert "(nothing ever answered)" in twin_failure(asked(None).history())


def test_a_second_prompt_may_be_refused_by_policy() -> None:
    story = asked(Phase.OK, run="r1")
    story.says(range(1, 4), "phone")
    story.does("phone", "prompt", Phase.FAIL, {"status": 409}, text="again", key="k2", label="run-2")
    assert twin_failure(story.history()) == ""


def test_a_second_prompt_that_is_accepted_must_be_answered() -> None:
    story = asked(Phase.OK, run="r1")
    story.says(range(1, 4), "phone")
    story.prompts("phone", "run-2", "r2")
    assert twin_failure(story.history()) == "In the fault-free twin run-2 was accepted and nobody saw a word of it."


def test_nothing_was_asked() -> None:
    assert twin_failure(Story("phone").history()).startswith("Nothing was asked")
