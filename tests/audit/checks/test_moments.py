from __future__ import annotations

from audit.checks.moments import Stream, broke, first_end, going_on, screen_at, shown_at, streams, was_over
from audit.event import Phase

from .story import Story, counted


def joined() -> Story:
    """A phone holds the session's stream, asks, and sees two words."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.prompts("phone")
    return story.says([1, 2], "phone")


def test_a_stream_lives_from_what_opened_it_until_it_is_closed() -> None:
    story = joined()
    closed = story.sees("phone", "closed", how="fin")
    story.resumes("phone", conn=2)
    first, second = streams(story.history()).values()
    assert first == Stream("phone", opened=2, closed=closed, hurt=len(story.events))
    assert (second.opened, second.closed) == (closed + 1, len(story.events))
    assert [first.lives(index) for index in (1, 2, closed - 1, closed)] == [False, True, True, False]


def test_a_refusal_opens_no_stream_and_a_response_may_be_one() -> None:
    story = Story("phone", traits={"subscribes": False})
    story.does("phone", "join", Phase.FAIL, conn=1)
    story.joins("phone", conn=2, nothing=True)
    asked = story.does("phone", "prompt", answer={"conn": 3}, text="?", key="k", label="run-1", conn=3)
    assert [(key, stream.opened) for key, stream in streams(story.history()).items()] == [(("phone", 3), asked)]


def test_a_disturbance_hurts_the_streams_that_live() -> None:
    for what, closes in (("freeze", False), ("offline", True), ("forget", True), ("leave", True)):
        story = joined()
        done = story.note("phone", what)
        story.resumes("phone", conn=2)
        old, new = streams(story.history()).values()
        assert (old.hurt, old.closed == done) == (done, closes)
        assert new.hurt == len(story.events)


def test_a_fault_on_the_link_hurts_the_device_s_stream_and_no_other() -> None:
    story = joined()
    story.joins("laptop")
    struck = story.strikes("phone", "blackhole")
    phone, laptop = streams(story.history()).values()
    assert (phone.hurt, phone.closed) == (struck, len(story.events))
    assert laptop.hurt == len(story.events)


def test_a_stream_is_broken_by_anybody_but_its_device() -> None:
    story = joined()
    closings = [story.sees("phone", "closed", how=how) for how in ("fin", "rst", "clean", "local", "timeout")]
    assert [broke(story.history().events[index]) for index in closings] == [True, True, True, False, False]


def test_a_screen_is_what_was_there_before_the_event() -> None:
    story = joined()
    history = story.history()
    assert screen_at(history, "phone", len(history.events) - 1).run("run-1").text == counted(1)
    assert shown_at(history, "phone", "run-1", len(history.events)).text == counted(2)
    assert shown_at(history, "laptop", "run-1", len(history.events)).text == ""


def test_a_run_is_over_when_anybody_is_told_so() -> None:
    story = joined()
    snapshot = story.sees("laptop", "snapshot", text=counted(2), reason="completed")
    story.ends("phone")
    history = story.history()
    end = first_end(history, "run-1")
    assert end is not None
    assert end.index == snapshot
    assert [was_over(history, "run-1", index) for index in (snapshot, snapshot + 1)] == [False, True]
    assert first_end(joined().history(), "run-1") is None


def test_a_run_goes_on_from_its_acceptance_until_it_is_over_or_stopped() -> None:
    story = joined()
    asked = next(e.index for e in story.events if e.what == "prompt")
    stop = story.stops("phone")
    story.ends("phone", reason="stopped")
    history = story.history()
    moments = (asked + 1, asked + 2, stop, stop + 2)
    assert [going_on(history, "run-1", index) for index in moments] == [False, True, True, False]
