from __future__ import annotations

from typing import Any

import pytest

from audit.checks.cursor_honesty import CURSOR_HONESTY
from audit.event import Phase, Value
from audit.history import History

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted


def abused(outcome: Phase | None = Phase.OK, reply: Value | None = None, kind: str = "future", **changes: Any) -> Story:
    """The phone comes back in the middle with a cursor that nobody gave it."""
    story = Story("phone", **changes)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.note("stage", "mark", name="cursor", device="phone", kind=kind, own="e:5", cursor="e:1000005")
    story.does("phone", "resume", outcome, reply, conn=2, cursor="e:1000005")
    return story


def settled(story: Story) -> Story:
    story.note("stage", "settled", why="ended")
    return story


def test_a_refusal_is_honest() -> None:
    phone = judged(CURSOR_HONESTY, abused(Phase.FAIL, {"status": 410, "error": "gone"}))["phone"]
    assert phone.verdict is PASS and "410" in phone.why


@pytest.mark.parametrize("what", ["gap", "reset", "snapshot"])
def test_so_is_a_named_gap_or_a_fresh_start(what: str) -> None:
    story = abused()
    told = story.sees("phone", what, conn=2, reason="future", text="tok-0001 ")
    phone = judged(CURSOR_HONESTY, settled(story.says(range(1, 9), "phone", conn=2)))["phone"]
    assert phone.verdict is PASS and told in phone.evidence


def test_a_reply_that_says_it_did_not_recover_is_enough() -> None:
    assert judged(CURSOR_HONESTY, abused(reply={"conn": 2, "recovered": False}))["phone"].verdict is PASS


@pytest.mark.parametrize(
    ("kind", "named"), [("garbage", "no cursor"), ("future", "from the future"), ("foreign", "of another session")]
)
def test_text_as_if_nothing_were_wrong_is_a_gap(kind: str, named: str) -> None:
    story = abused(kind=kind).says(range(6, 9), "phone", conn=2)
    phone = judged(CURSOR_HONESTY, settled(story))["phone"]
    assert phone.verdict is GAP and "3 pieces of text" in phone.why and named in phone.why


def test_so_is_an_empty_success_and_nothing_to_resume() -> None:
    assert "brought nothing" in judged(CURSOR_HONESTY, settled(abused()))["phone"].why
    phone = judged(CURSOR_HONESTY, abused(reply={"conn": 2, "nothing": True}))["phone"]
    assert phone.verdict is GAP and "nothing to resume" in phone.why


def test_what_was_never_answered_or_cut_short_proves_nothing() -> None:
    assert judged(CURSOR_HONESTY, abused(None))["phone"].verdict is INCONCLUSIVE
    assert (
        judged(CURSOR_HONESTY, abused(Phase.INFO, {"error": "late", "timeout": True}))["phone"].verdict is INCONCLUSIVE
    )
    assert judged(CURSOR_HONESTY, abused())["phone"].verdict is INCONCLUSIVE  # it never settled


def test_a_heartbeat_is_no_answer_and_the_other_connection_does_not_count() -> None:
    story = abused()
    story.sees("phone", "ping", conn=2)
    story.sees("phone", "gap", conn=1, reason="late")
    assert judged(CURSOR_HONESTY, settled(story))["phone"].verdict is GAP


def test_where_there_are_no_cursors_or_none_was_forged_there_is_no_case() -> None:
    assert judged(CURSOR_HONESTY, abused(traits={"cursor": "none"})) == {}
    story = Story("phone")
    story.joins("phone")
    story.resumes("phone", cursor="e:5")
    assert judged(CURSOR_HONESTY, story) == {}
    assert judged(CURSOR_HONESTY, abused(Phase.FAIL, {"unsupported": True})) == {}


def restarted(lost: bool, gap: bool) -> History:
    """The phone comes back after a restart, with a cursor from before it."""
    story = Story("phone")
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 6), "phone")
    story.note("phone", "offline")
    story.note("stage", "hook", name="restart", state="begun")
    story.note("stage", "hook", name="restart", state="done")
    story.resumes("phone", cursor="e:5")
    if gap:
        story.sees("phone", "gap", conn=2, reason="foreign-epoch")
    story.says(range(6, 9), "phone", conn=2)
    story.note("stage", "settled", why="ended")
    story.reads("phone", *([] if lost else [answer(counted(8))]), final=True)
    return story.history()


def test_a_cursor_outlives_its_log() -> None:
    phone = judged(CURSOR_HONESTY, restarted(lost=True, gap=False))["phone"]
    assert phone.verdict is GAP and "lost run-1" in phone.why
    assert judged(CURSOR_HONESTY, restarted(lost=True, gap=True))["phone"].verdict is PASS


def test_a_restart_that_lost_nothing_is_no_case() -> None:
    assert judged(CURSOR_HONESTY, restarted(lost=False, gap=False)) == {}
