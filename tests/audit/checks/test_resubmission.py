from __future__ import annotations

from typing import Any

from audit.checks.resubmission import RESUBMISSION
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, asked, counted

TEXT = "count (run-1)"


def again(first: Value | None = None, second: Value | None = None, **contract: Any) -> Story:
    """The answer to a prompt is lost, and the phone sends it again with the same key."""
    story = Story("phone", "laptop", contract=contract)
    story.joins("laptop")
    story.does("phone", "prompt", Phase.INFO, first, label="run-1", key="k", text=TEXT)
    story.does("phone", "prompt", Phase.OK, second, label="run-1", key="k", text=TEXT)
    return story


def sent(story: Story) -> set[int]:
    """Where the prompt was sent."""
    return {e.index for e in story.events if e.what == "prompt" and e.phase is Phase.INVOKE}


def test_a_known_key_is_recognized() -> None:
    story = again(second={"run": "r1", "duplicate": True})
    phone = judged(RESUBMISSION, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 1, "runs")
    assert set(phone.evidence) == sent(story) | {len(story.events) - 1}


def test_one_message_in_the_transcript_is_proof() -> None:
    story = again(second={"run": "r1"})
    read = story.reads("phone", asked(TEXT), answer(counted(3)), final=True)
    phone = judged(RESUBMISSION, story)["phone"]
    assert phone.verdict is PASS
    assert read + 1 in phone.evidence


def test_two_runs_in_the_answers_are_a_gap() -> None:
    story = again(first={"run": "r1"}, second={"run": "r2"})
    phone = judged(RESUBMISSION, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 2, "runs")
    assert sent(story) < set(phone.evidence)


def test_a_second_run_on_a_stream_is_a_gap() -> None:
    story = again(second={"run": "r2"})
    other = story.sees("laptop", "start", run="r1")
    story.says([1], "laptop", run="r2")
    phone = judged(RESUBMISSION, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 2)
    assert other in phone.evidence


def test_two_messages_in_the_transcript_are_a_gap() -> None:
    story = again(second={"run": "r1"})
    read = story.reads("phone", asked(TEXT, "u1"), asked(TEXT, "u2"), final=True)
    phone = judged(RESUBMISSION, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 2, "messages")
    assert read + 1 in phone.evidence


def test_two_messages_on_a_stream_are_a_gap_and_one_seen_by_two_is_not() -> None:
    story = again(second={"run": "r1", "duplicate": True})
    story.sees("laptop", "user", text=TEXT, id="u1")
    story.sees("phone", "user", text=TEXT, id="u1")
    assert verdicts(RESUBMISSION, story) == {"phone": PASS}
    story.sees("laptop", "user", text=TEXT, id="u2")
    assert verdicts(RESUBMISSION, story) == {"phone": GAP}


def test_the_same_words_under_another_key_are_another_prompt() -> None:
    story = again(second={"run": "r1", "duplicate": True})
    story.does("phone", "prompt", answer={"run": "r9"}, label="run-2", key="other", text=TEXT)
    story.says([1], "laptop", run="r9")
    story.reads("phone", asked(TEXT, "u1"), asked(TEXT, "u2"), final=True)
    assert verdicts(RESUBMISSION, story) == {"phone": PASS}


def test_no_key_on_offer_is_a_gap() -> None:
    story = again(second={"run": "r1"}, idempotency="none")
    phone = judged(RESUBMISSION, story)["phone"]
    assert (phone.verdict, set(phone.evidence)) == (GAP, sent(story))
    assert "no idempotency key" in phone.why


def test_without_any_proof_it_stays_open() -> None:
    assert verdicts(RESUBMISSION, again(second={"run": "r1"})) == {"phone": INCONCLUSIVE}


def test_a_prompt_sent_once_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    assert verdicts(RESUBMISSION, story) == {}
