from __future__ import annotations

from audit.checks.authority import AUTHORITY
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def commanded(outcome: Phase | None, reply: Value | None = None, what: str = "stop", home: bool = True) -> Story:
    """Another user's device commands our run."""
    story = Story()
    story.note("phone", "device", kind="phone")
    story.note("neighbor", "device", kind="neighbor", stranger=True, elsewhere=True)
    story.note("stranger", "device", kind="stranger", stranger=True)
    story.joins("phone")
    story.prompts("phone")
    if home:
        story.prompts("neighbor", "run-2", "r2")
    story.says(range(1, 6), "phone")
    story.does("stranger", what, outcome, reply, label="run-1", key="k")
    return story


def test_a_refusal_is_right() -> None:
    stranger = judged(AUTHORITY, commanded(Phase.FAIL, {"status": 403}))["stranger"]
    assert stranger.verdict is PASS and "403" in stranger.why


def test_a_stop_that_is_taken_is_a_gap() -> None:
    story = commanded(Phase.OK).ends("phone", reason="stopped")
    stranger = judged(AUTHORITY, story)["stranger"]
    assert stranger.verdict is GAP and "allowed to stop, and the answer ended" in stranger.why
    assert len(story.events) - 1 in stranger.evidence


def test_so_is_a_steer() -> None:
    stranger = judged(AUTHORITY, commanded(Phase.OK, what="steer"))["stranger"]
    assert stranger.verdict is GAP and "allowed to steer." in stranger.why


def test_a_stop_that_was_refused_and_worked_is_a_gap() -> None:
    story = commanded(Phase.FAIL, {"status": 500}).ends("phone", reason="stopped")
    assert judged(AUTHORITY, story)["stranger"].verdict is GAP


def test_the_owners_own_stop_is_not_held_against_anybody() -> None:
    story = commanded(Phase.FAIL, {"status": 403})
    story.stops("phone")
    assert judged(AUTHORITY, story.ends("phone", reason="stopped"))["stranger"].verdict is PASS


def test_a_bad_credential_or_no_answer_proves_nothing() -> None:
    assert judged(AUTHORITY, commanded(Phase.FAIL, home=False))["stranger"].verdict is INCONCLUSIVE
    assert judged(AUTHORITY, commanded(None))["stranger"].verdict is INCONCLUSIVE
    assert judged(AUTHORITY, commanded(Phase.INFO))["stranger"].verdict is INCONCLUSIVE


def test_what_is_not_offered_is_no_case() -> None:
    assert judged(AUTHORITY, commanded(Phase.FAIL, {"unsupported": True})) == {}
    assert judged(AUTHORITY, commanded(Phase.INFO, {"hangup": True})) == {}
