from __future__ import annotations

from audit.checks.hang import HANG
from audit.event import Phase
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, dropped


def cut() -> Story:
    """A phone loses its stream after three words."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    story.strikes("phone")
    return story


def test_data_came() -> None:
    phone = judged(HANG, dropped())["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 2, "ms")


def test_an_explicit_nothing_and_a_refusal_are_answers() -> None:
    story = cut()
    story.resumes("phone", nothing=True)
    assert verdicts(HANG, story) == {"phone": PASS}
    story = cut()
    story.does("phone", "resume", Phase.FAIL, {"status": 503}, conn=2)
    assert verdicts(HANG, story) == {"phone": PASS}


def test_an_item_may_be_recorded_before_the_answer() -> None:
    story = cut()
    invoke = story.add("phone", Phase.INVOKE, "resume", conn=2)
    first = story.sees("phone", "text", conn=2, text="tok-0004 ")
    story.add("phone", Phase.OK, "resume", invoke, conn=2)
    assert judged(HANG, story)["phone"].evidence == (invoke, first)


def test_heartbeats_alone_are_a_hang() -> None:
    story = cut()
    invoke = story.resumes("phone")
    story.wait(3000).sees("phone", "ping", conn=2)
    story.wait(3000)
    closed = story.sees("phone", "closed", conn=2, how="timeout")
    phone = judged(HANG, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (invoke, invoke + 1, closed))
    assert phone.value == 6002


def test_silence_until_the_run_must_have_ended_is_a_hang() -> None:
    story = cut()
    story.resumes("phone")
    story.wait(1500)
    settled = story.note("stage", "settled", why="deadline")
    phone = judged(HANG, story)["phone"]
    assert phone.verdict is GAP
    assert settled in phone.evidence


def test_an_item_after_the_deadline_is_too_late() -> None:
    story = cut()
    story.resumes("phone")
    story.wait(5001).says([4], "phone", conn=2)
    assert verdicts(HANG, story) == {"phone": GAP}


def test_no_answer_at_all_is_a_hang() -> None:
    story = cut()
    invoke = story.does("phone", "resume", None, conn=2)
    phone = judged(HANG, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (invoke,))
    short = History(story.meta, tuple(story.events), whole=False)
    assert judged(HANG, short)["phone"].verdict is INCONCLUSIVE


def test_an_answer_after_the_deadline_is_a_hang_unless_we_struck_again() -> None:
    for disturbed, verdict in ((False, {"phone": GAP}), (True, {})):
        story = cut()
        invoke = story.add("phone", Phase.INVOKE, "resume", conn=2)
        if disturbed:
            story.strikes("phone", "blackhole", conn=2)
        story.wait(5000).add("phone", Phase.INFO, "resume", invoke, timeout=True)
        assert verdicts(HANG, story) == verdict


def test_a_trial_that_ends_too_soon_proves_nothing() -> None:
    story = cut()
    story.resumes("phone")
    assert verdicts(HANG, story) == {"phone": INCONCLUSIVE}


def test_a_device_that_had_it_all_waits_for_nothing() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says([1], "phone").ends("phone")
    story.strikes("phone")
    story.resumes("phone")
    story.wait(9000).note("stage", "settled", why="deadline")
    assert verdicts(HANG, story) == {}


def test_no_way_to_resume_and_a_second_cut_are_no_case() -> None:
    story = cut()
    story.does("phone", "resume", Phase.FAIL, {"unsupported": True}, conn=2)
    assert verdicts(HANG, story) == {}
    story = cut()
    story.resumes("phone")
    story.strikes("phone", conn=2)
    assert verdicts(HANG, story) == {}


def test_who_else_is_there_is_no_sign_and_neither_is_our_own_hanging_up() -> None:
    story = cut()
    story.resumes("phone")
    story.wait(50).sees("phone", "presence", conn=2, devices=2)
    story.wait(1500).note("stage", "settled", why="deadline")
    story.sees("phone", "closed", conn=2, how="local")
    assert verdicts(HANG, story) == {"phone": GAP}


def test_a_hang_while_we_ourselves_stood_still_proves_nothing() -> None:
    story = cut()
    story.resumes("phone")
    story.wait(1500).note("stage", "lag", ms=1200)
    story.note("stage", "settled", why="deadline")
    assert verdicts(HANG, story) == {"phone": INCONCLUSIVE}
