from __future__ import annotations

from audit.checks.termination import TERMINATION
from audit.event import Phase

from .judged import GAP, PASS, judged, verdicts
from .story import Story, answer, counted, dropped

RESPONSE_IS_STREAM = {"subscribes": False}


def watching(**changes: object) -> Story:
    """A phone and a laptop see three words of a run."""
    story = Story("phone", "laptop", traits=changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    return story.says(range(1, 4), "phone", "laptop")


def test_every_device_is_told_once() -> None:
    found = judged(TERMINATION, dropped())
    assert {device: finding.verdict for device, finding in found.items()} == {"phone": PASS, "laptop": PASS}
    assert found["phone"].why == "The phone was told once that run-1 had ended: completed."
    assert (found["phone"].value, found["phone"].unit) == (1, "endings")


def test_a_stopped_run_ends_as_well() -> None:
    assert verdicts(TERMINATION, watching().ends("phone", reason="stopped")) == {"phone": PASS}


def test_an_ending_that_tells_nothing_is_a_gap() -> None:
    story = watching().ends("phone", reason="unknown")
    phone = judged(TERMINATION, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (len(story.events) - 1,))


def test_two_endings_are_a_gap() -> None:
    story = watching().ends("phone").ends("phone", reason="failed", at=10_000)
    phone = judged(TERMINATION, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 2)
    assert phone.evidence == (len(story.events) - 2, len(story.events) - 1)


def test_text_after_the_end_is_a_gap() -> None:
    story = watching().ends("phone").says([4], "phone")
    phone = judged(TERMINATION, story)["phone"]
    assert phone.verdict is GAP
    assert phone.evidence == (len(story.events) - 2, len(story.events) - 1)


def test_a_replay_after_the_end_is_not_text_after_the_end() -> None:
    story = watching(dedupe="reset").ends("phone")
    story.sees("phone", "reset", conn=2)
    story.says(range(1, 4), "phone", conn=2)
    assert verdicts(TERMINATION, story) == {"phone": PASS}


def test_nobody_ended_it_until_the_deadline() -> None:
    story = watching()
    settled = story.note("stage", "settled", why="deadline")
    found = judged(TERMINATION, story)
    assert {device: finding.verdict for device, finding in found.items()} == {"phone": GAP, "laptop": GAP}
    assert found["laptop"].evidence == (settled - 1, settled)
    assert found["laptop"].value == 0


def test_who_was_not_connected_any_more_could_not_be_told() -> None:
    story = watching()
    story.sees("laptop", "closed", how="fin")
    story.note("stage", "settled", why="deadline")
    assert verdicts(TERMINATION, story) == {"phone": GAP}


def test_a_response_that_closes_in_good_order_without_an_ending_is_a_gap() -> None:
    story = watching(**RESPONSE_IS_STREAM)
    closed = story.sees("phone", "closed", how="clean")
    assert judged(TERMINATION, story)["phone"].evidence == (closed - 2, closed)


def test_a_device_that_was_never_let_back_is_left_to_loss() -> None:
    story = watching()
    story.strikes("phone")
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    story.note("stage", "settled", why="deadline")
    assert "phone" not in verdicts(TERMINATION, story)


def test_a_transcript_may_tell_the_ending() -> None:
    story = watching()
    story.strikes("phone")
    story.resumes("phone", nothing=True)
    story.reads("phone", answer(counted(3)), shown=True)
    story.resumes("phone", conn=3)
    assert verdicts(TERMINATION, story)["phone"] is PASS


def test_a_device_that_saw_nothing_of_a_run_is_no_case() -> None:
    story = Story("phone")
    story.prompts("phone")
    assert verdicts(TERMINATION, story) == {}
