from __future__ import annotations

from audit.checks import attendance
from audit.event import Phase

from .story import Story, counted

RESPONSE_IS_STREAM = {"subscribes": False}


def joined() -> Story:
    """A phone and a laptop hold the session's stream, and the phone asks."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    return story.says([1, 2], "phone", "laptop")


def test_a_device_is_connected_until_its_last_stream_closes() -> None:
    story = joined()
    assert attendance.connected(story.history(), "phone")
    story.strikes("phone")
    assert not attendance.connected(story.history(), "phone")
    story.resumes("phone", nothing=True)
    assert not attendance.connected(story.history(), "phone")
    story.resumes("phone", conn=3)
    assert attendance.connected(story.history(), "phone")


def test_what_happens_after_everything_settled_does_not_count() -> None:
    story = joined()
    story.note("stage", "settled", why="ended")
    story.sees("phone", "closed", how="local")
    assert attendance.connected(story.history(), "phone")
    assert not attendance.abandoned(story.history(), "phone")


def test_a_device_is_abandoned_when_it_was_taken_away_and_never_tried_again() -> None:
    story = joined()
    story.strikes("phone")
    assert attendance.abandoned(story.history(), "phone")
    story.does("phone", "resume", Phase.FAIL, conn=2)
    assert not attendance.abandoned(story.history(), "phone")


def test_a_stream_that_the_target_closed_is_not_our_doing() -> None:
    story = joined()
    story.sees("phone", "closed", how="fin")
    assert not attendance.abandoned(story.history(), "phone")


def test_a_fault_that_leaves_the_stream_open_takes_nobody_away() -> None:
    story = joined()
    story.strikes("phone", "latency")
    assert not attendance.abandoned(story.history(), "phone")


def test_asking_again_is_coming_back_where_the_response_is_the_stream() -> None:
    story = Story("phone", traits=RESPONSE_IS_STREAM)
    story.prompts("phone")
    story.strikes("phone")
    story.prompts("phone", "run-2", "r2")
    assert not attendance.abandoned(story.history(), "phone")


def test_who_followed_a_run_from_its_first_word() -> None:
    story = joined()
    story.note("tab", "device", kind="tab")
    story.joins("tab")
    story.says([3], "phone", "laptop", "tab")
    history = story.history()
    assert [attendance.from_start(history, "run-1", who) for who in ("phone", "laptop", "tab")] == [True, True, False]


def test_who_was_given_the_beginning_followed_from_the_first_word() -> None:
    story = Story("phone", "tab", traits=RESPONSE_IS_STREAM)
    story.prompts("phone")
    story.says([1, 2], "phone")
    story.joins("tab")
    assert not attendance.from_start(story.history(), "run-1", "tab")
    story.sees("tab", "snapshot", text=counted(2))
    assert attendance.from_start(story.history(), "run-1", "tab")


def test_what_we_did_ourselves_between_two_events() -> None:
    story = joined()
    start = story.note("phone", "online")
    end = story.strikes("laptop")
    assert attendance.disrupted(story.history(), "laptop", start, end)
    assert not attendance.disrupted(story.history(), "phone", start, end)
    assert not attendance.disrupted(story.history(), "laptop", end + 2, end + 9)
