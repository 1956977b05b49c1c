from __future__ import annotations

from typing import Any

from audit.checks.stopping import Stop, budget_ms, first_stops
from audit.event import Phase, Value

from .story import Story, answer, counted

ASKED = {"runs": {"run-1": {"items": 40, "format": "tok-{:04d}"}}}


def pressing(outcome: Phase | None = Phase.OK, reply: Value | None = None, **changes: Any) -> Story:
    """The phone presses stop after five words; the laptop watches."""
    story = Story("phone", "laptop", **{"oracle": ASKED, **changes})
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.does("phone", "stop", outcome, reply, label="run-1", key="k")
    return story


def stop(story: Story) -> Stop:
    (found,) = first_stops(story.history())
    return found


def test_how_it_was_answered() -> None:
    answers = {
        "acknowledged": pressing(),
        "refused": pressing(Phase.FAIL, {"status": 404}),
        "unsupported": pressing(Phase.FAIL, {"unsupported": True}),
        "hangup": pressing(Phase.INFO, {"hangup": True}),
    }
    for name, story in answers.items():
        assert [each for each in answers if getattr(stop(story), each)] == [name]
    unanswered = stop(pressing(None))
    assert (unanswered.answer, unanswered.acknowledged, unanswered.device) == (unanswered.invoke, False, "phone")


def test_only_the_first_stop_of_a_run_that_was_going_on() -> None:
    story = pressing()
    story.stops("laptop")
    assert stop(story).device == "phone"
    over = Story("phone")
    over.prompts("phone")
    over.ends("phone")
    over.stops("phone")
    assert first_stops(over.history()) == ()


def test_stopped_is_what_anybody_was_told() -> None:
    story = pressing().ends("laptop", reason="unknown")
    assert (stop(story).reason, stop(story).worked) == ("unknown", False)
    story.ends("phone", reason="stopped")
    assert (stop(story).reason, stop(story).worked) == ("stopped", True)


def test_words_that_cease_show_a_stop_that_nobody_is_told_of() -> None:
    transcript = pressing()
    transcript.reads("phone", answer(counted(5), ending=None), final=True)
    assert (stop(transcript).ceased, stop(transcript).worked) == (True, True)
    silence = pressing().wait(1100)
    silence.sees("laptop", "ping")
    assert stop(silence).worked
    soon = pressing().wait(900)
    soon.sees("laptop", "ping")
    assert not stop(soon).worked


def test_a_hangup_is_not_proven_by_silence() -> None:
    story = pressing(Phase.INFO, {"hangup": True})
    story.reads("phone", answer(counted(5), ending=None), final=True)
    assert (stop(story).ceased, stop(story).worked) == (True, False)


def test_a_run_that_completes_is_ignored_only_if_it_had_more_to_say() -> None:
    assert stop(pressing().says(range(6, 41), "laptop").ends("laptop")).ignored
    few = {"runs": {"run-1": {"items": 8, "format": "tok-{:04d}"}}}
    assert not stop(pressing(oracle=few).says(range(6, 9), "laptop").ends("laptop")).ignored
    slow = pressing(oracle=few).wait(60).says(range(6, 9), "laptop").ends("laptop")
    assert stop(slow).ignored


def test_without_counting_the_ending_and_the_words_that_came_later_tell() -> None:
    uncounted: Value = {"runs": {}}
    story = pressing(oracle=uncounted).wait(60).says([6], "laptop").ends("laptop")
    assert stop(story).ignored
    assert not stop(pressing(oracle=uncounted).ends("laptop")).ignored


def test_late_words_are_fresh_live_and_ours_to_blame_on_nobody_else() -> None:
    story = pressing().wait(1100).says([5, 6], "laptop")
    assert [word.text for word in stop(story).late] == ["tok-0006"]
    frozen = pressing()
    frozen.note("laptop", "freeze")
    frozen.wait(1100).says([6], "laptop")
    assert stop(frozen).late == ()
    replayed = pressing().wait(1100)
    replayed.resumes("laptop")
    replayed.says([6], "laptop", conn=2)
    assert stop(replayed).late == ()


def test_the_budget_is_that_of_the_plan() -> None:
    assert budget_ms(pressing(deadlines={"stop_budget_ms": 250}).history()) == 250
    story = pressing(contract={"stop_budget_ms": 700})
    del story.meta["deadlines"]["stop_budget_ms"]
    assert budget_ms(story.history()) == 700
