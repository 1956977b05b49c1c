from __future__ import annotations

from typing import Any

from audit.checks.stop import STOP
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def pressing(outcome: Phase = Phase.OK, reply: Value | None = None, **changes: Any) -> Story:
    """The phone asks for forty words and presses stop after five; the laptop watches."""
    story = Story("phone", "laptop", oracle=ASKED, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    return story


def asked(story: Story) -> list[int]:
    return [e.index for e in story.events if e.what == "stop"]


def test_output_ceases() -> None:
    story = pressing().says([6], "phone", "laptop").ends("phone", "laptop", reason="stopped")
    phone = judged(STOP, story)["phone"]
    assert phone.verdict is PASS
    assert phone.evidence == (*asked(story), len(story.events) - 2, len(story.events) - 1)


def test_words_beyond_the_budget_are_counted_and_timed() -> None:
    story = pressing(deadlines={"stop_budget_ms": 300})
    story.wait(297).says([6], "phone").says([7], "laptop").says([8], "laptop").wait(100).says([9], "laptop", "phone")
    story.ends("phone", "laptop", reason="stopped")
    phone = judged(STOP, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 402, "ms")
    assert "1 more word came later than 300 ms" in phone.why
    late = [e.index for e in story.events if e.value.get("text") == "tok-0009 "]  # it came to both
    assert phone.evidence == (*asked(story), *late)


def test_a_stop_that_is_only_acknowledged() -> None:
    story = pressing().says(range(6, 41), "laptop").ends("laptop")
    phone = judged(STOP, story)["phone"]
    assert phone.verdict is GAP
    assert "went on to its last word: it is reported as completed" in phone.why
    assert phone.evidence == (*asked(story), len(story.events) - 1)


def test_only_the_transcript_shows_that_it_went_on() -> None:
    story = pressing()
    read = story.reads("phone", answer(counted(40), ending=None), final=True)
    phone = judged(STOP, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*asked(story), read + 1))


def test_a_run_that_was_all_but_over_may_complete() -> None:
    story = Story("phone", "laptop", oracle={"runs": {"run-1": {"items": 7, "format": "tok-{:04d}"}}})
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.stops("phone")
    story.says([6, 7], "phone").ends("phone")
    assert judged(STOP, story)["phone"].verdict is PASS


def test_a_replay_on_a_stream_opened_later_is_not_output() -> None:
    story = pressing().ends("laptop", reason="stopped").wait(2000)
    story.resumes("phone", conn=2)
    story.says(range(1, 10), "phone", conn=2).ends("phone", reason="stopped", conn=2)
    assert judged(STOP, story)["phone"].verdict is PASS


def test_what_we_held_up_ourselves_is_not_late() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.note("laptop", "freeze")
    story.says([1], "phone")
    story.stops("phone")
    story.ends("phone", reason="stopped").wait(3000)
    story.note("laptop", "thaw")
    story.says([1, 2], "laptop").ends("laptop", reason="stopped")
    assert judged(STOP, story)["phone"].verdict is PASS


def test_a_refusal() -> None:
    story = pressing(Phase.FAIL, {"status": 404, "error": "no such run"}).says(range(6, 41), "laptop").ends("laptop")
    phone = judged(STOP, story)["phone"]
    assert phone.verdict is GAP
    assert "The phone's stop of run-1 failed (404: no such run)" in phone.why
    story = pressing(Phase.FAIL, {"status": 500})
    assert (judged(STOP, story)["phone"].verdict, judged(STOP, story)["phone"].evidence) == (GAP, tuple(asked(story)))


def test_no_stop_is_offered() -> None:
    story = pressing(Phase.FAIL, {"unsupported": True, "error": "no stop endpoint"})
    phone = judged(STOP, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, tuple(asked(story)))
    assert "is not offered (no stop endpoint)" in phone.why


def test_nobody_is_left_to_see_the_effect() -> None:
    story = pressing()
    story.sees("phone", "closed", how="local")
    story.sees("laptop", "closed", how="local")
    phone = judged(STOP, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, tuple(asked(story)))


def test_silence_until_the_budget_is_over_is_proof() -> None:
    story = pressing().wait(1500)
    story.sees("laptop", "ping")
    assert judged(STOP, story)["phone"].verdict is PASS


def test_a_stream_that_never_heard_of_the_run_proves_nothing_by_its_silence() -> None:
    story = Story("phone", "laptop", oracle=ASKED)
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.sees("phone", "closed", how="local")
    story.stops("phone")
    story.wait(1500).sees("laptop", "ping")
    assert judged(STOP, story)["phone"].verdict is INCONCLUSIVE


def test_hanging_up_is_judged_by_what_others_see() -> None:
    hangup = {"hangup": True}
    assert judged(STOP, pressing(Phase.INFO, hangup))["phone"].verdict is INCONCLUSIVE
    ended = pressing(Phase.INFO, hangup).ends("laptop", reason="failed")
    assert judged(STOP, ended)["phone"].verdict is PASS
    went_on = pressing(Phase.INFO, hangup).wait(1200).says(range(6, 9), "laptop")
    assert judged(STOP, went_on)["phone"].verdict is GAP


def written(upto: int, then: int) -> Story:
    """The transcript when the budget is over, and when everything has settled."""
    story = pressing().ends("phone", "laptop", reason="stopped").wait(1_100)
    story.reads("laptop", answer(counted(upto), ending="stopped"))
    story.reads("laptop", answer(counted(then), ending="stopped"), final=True)
    return story


def test_a_transcript_that_grows_behind_the_budget_has_an_author() -> None:
    story = written(8, 12)
    phone = judged(STOP, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (GAP, 4, "words")
    assert phone.evidence == (*asked(story), len(story.events) - 3, len(story.events) - 1)
    assert "out of sight" in phone.why


def test_a_transcript_that_stands_still_is_no_evidence() -> None:
    assert judged(STOP, written(8, 8))["phone"].verdict is PASS


def test_a_transcript_that_lags_behind_what_was_seen_is_no_evidence() -> None:
    assert judged(STOP, written(2, 5))["phone"].verdict is PASS


def test_a_transcript_that_grows_within_the_budget_is_no_evidence() -> None:
    story = pressing().ends("phone", "laptop", reason="stopped").wait(900)
    story.reads("laptop", answer(counted(8), ending="stopped"))
    story.reads("laptop", answer(counted(12), ending="stopped"), final=True)
    assert judged(STOP, story)["phone"].verdict is PASS


def test_a_stop_after_the_end_is_no_case() -> None:
    story = pressing(Phase.OK, {"ended": True})
    story.ends("laptop")
    assert judged(STOP, story) == {}
    late = Story("phone")
    late.prompts("phone")
    late.ends("phone")
    late.stops("phone")
    assert judged(STOP, late) == {}
