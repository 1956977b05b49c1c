from __future__ import annotations

from typing import Any

from audit.checks import facts
from audit.event import Phase

from .story import Story, answer, counted, dropped

TEN = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}
RESPONSE_IS_STREAM = {"subscribes": False}


def prompting(**changes: Any) -> Story:
    """A phone prompts and sees three words; a laptop watches."""
    story = Story("phone", "laptop", oracle=TEN, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    return story


def test_a_prompt_is_accepted_when_answered_so_or_when_somebody_saw_its_run() -> None:
    story = Story("phone")
    story.prompts("phone", "run-1", "r1")
    story.does("phone", "prompt", Phase.INFO, label="run-2", key="k2", text="?", answer={"run": "r2"})
    story.does("phone", "prompt", Phase.INFO, label="run-3", key="k3", text="?")
    story.does("phone", "prompt", Phase.FAIL, label="run-4", key="k4", text="?")
    story.says([1], "phone", run="r2")
    assert facts.accepted(story.history()) == ("run-1", "run-2")


def test_the_first_prompt_of_a_run_is_the_one_that_asked() -> None:
    story = Story("phone")
    first = story.does("phone", "prompt", None, label="run-1", key="k", text="?")
    story.prompts("phone", "run-1", key="k")
    assert facts.prompts(story.history())["run-1"][0].index == first


def test_items_of_a_run_are_found_by_the_target_s_id() -> None:
    story = prompting()
    story.sees("phone", "ping")
    story.ends("phone")
    history = story.history()
    assert [e.what for e in facts.items(history, "run-1", "phone")] == ["text", "text", "text", "end"]
    assert len(facts.texts(history, "run-1")) == 6
    assert facts.items(history, "run-9") == ()


def test_one_cut_is_a_fault_and_the_closing_it_causes() -> None:
    story = prompting()
    struck = story.strikes("phone")
    story.resumes("phone", conn=2)
    lost = story.note("phone", "offline")
    story.sees("phone", "closed", conn=2, how="rst")
    assert facts.cuts(story.history()) == (("phone", struck), ("phone", lost))


def test_a_failed_or_empty_resume_does_not_end_a_cut() -> None:
    story = prompting()
    struck = story.strikes("phone")
    story.does("phone", "resume", Phase.FAIL, conn=2)
    story.resumes("phone", conn=3, nothing=True)
    story.note("phone", "offline")
    assert facts.cuts(story.history()) == (("phone", struck),)
    assert facts.came_back(story.history(), "phone") == ()


def test_closing_on_purpose_or_after_the_end_is_no_cut() -> None:
    story = prompting(traits=RESPONSE_IS_STREAM)
    story.sees("laptop", "closed", how="local")
    story.ends("phone")
    story.sees("phone", "closed", how="clean")
    assert facts.cuts(story.history()) == ()


def test_closing_in_good_order_before_the_end_is_a_cut() -> None:
    story = prompting(traits=RESPONSE_IS_STREAM)
    closed = story.sees("phone", "closed", how="clean")
    assert facts.cuts(story.history()) == (("phone", closed),)


def test_a_prompt_reopens_the_stream_only_where_its_response_is_the_stream() -> None:
    for subscribes, count in ((True, 1), (False, 2)):
        story = prompting(traits={"subscribes": subscribes})
        story.sees("phone", "closed", how="fin")
        story.prompts("phone", "run-2", "r2")
        story.sees("phone", "closed", conn=2, how="fin")
        assert len(facts.cuts(story.history())) == count


def test_coming_back_is_a_resume_that_was_answered() -> None:
    history = dropped().history()
    ((invoke, done),) = facts.came_back(history, "phone")
    assert (invoke.what, done.phase, done.op) == ("resume", Phase.OK, invoke.index)
    assert facts.came_back(history, "laptop") == ()


def test_who_left_is_gone() -> None:
    story = prompting()
    story.note("laptop", "leave")
    assert facts.gone(story.history(), "laptop")
    assert not facts.gone(story.history(), "phone")


def test_stops_of_a_run_in_order() -> None:
    story = prompting()
    first = story.stops("phone")
    story.stops("phone", "run-2")
    second = story.does("laptop", "stop", None, label="run-1", key="k")
    found = facts.stops(story.history(), "run-1")
    assert [invoke.index for invoke, _ in found] == [first, second]
    assert [facts.is_ok(done) for _, done in found] == [True, False]


def test_endings_come_from_streams_snapshots_and_final_transcripts() -> None:
    story = prompting()
    seen = story.sees("phone", "end", reason="stopped")
    snapshot = story.sees("laptop", "snapshot", text=counted(3), reason="stopped")
    story.reads("phone", answer(counted(3), ending="failed"))  # not final: it may still change
    read = story.reads("laptop", answer(counted(3), ending="stopped"), final=True)
    history = story.history()
    assert facts.endings(history, "run-1") == (
        facts.Ending("stopped", "phone", seen),
        facts.Ending("stopped", "laptop", snapshot),
        facts.Ending("stopped", "laptop", read + 1),
    )


def test_a_run_that_nobody_saw_more_of() -> None:
    story = prompting()
    cut = story.strikes("phone")
    story.resumes("phone", conn=2)
    story.says(range(1, 4), "phone", conn=2)  # replayed, so nothing new
    fate = facts.went_on(story.history(), "run-1", cut)
    assert fate == facts.Fate(None, whole=False, more=())
    assert not fate.finished


def test_a_run_that_went_on_to_its_last_word_without_an_ending() -> None:
    story = prompting()
    cut = story.strikes("phone")
    story.says(range(4, 11), "laptop")
    fate = facts.went_on(story.history(), "run-1", cut)
    assert (fate.ending, fate.whole, len(fate.more)) == (None, True, 7)
    assert fate.finished


def test_a_run_whose_end_only_the_transcript_tells() -> None:
    story = prompting()
    cut = story.strikes("phone")
    read = story.reads("laptop", answer(counted(10)), final=True)
    fate = facts.went_on(story.history(), "run-1", cut)
    assert fate == facts.Fate(facts.Ending("completed", "laptop", read + 1), whole=True, more=(read + 1,))


def test_a_run_that_was_stopped_after_some_words_more() -> None:
    story = prompting()
    cut = story.strikes("phone")
    story.says([4], "laptop")
    story.ends("laptop", reason="unknown")
    last = story.sees("laptop", "end", reason="failed")
    fate = facts.went_on(story.history(), "run-1", cut)
    assert fate.ending == facts.Ending("failed", "laptop", last)
    assert not fate.finished
