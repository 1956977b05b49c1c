from __future__ import annotations

import pytest

from audit.checks.refused_reconnect import REFUSED_RECONNECT
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def refused(value: Value, *later: Phase, wait_ms: float = 0) -> Story:
    """A resume is sent away; then it is tried again."""
    story = Story("phone")
    story.joins("phone")
    story.does("phone", "resume", Phase.FAIL, value, conn=2)
    for number, phase in enumerate(later):
        story.wait(wait_ms)
        story.does("phone", "resume", phase, {"conn": 3 + number, "status": 503} if phase is not Phase.OK else None)
    return story


@pytest.mark.parametrize("value", [{"status": 429}, {"status": 503, "error": "full"}, {"code": "full"}])
def test_no_word_of_when_is_a_gap_even_if_a_second_try_works(value: Value) -> None:
    phone = judged(REFUSED_RECONNECT, refused(value, Phase.OK))["phone"]
    assert phone.verdict is GAP and "Retry-After" in phone.why


def test_a_delay_and_a_way_back() -> None:
    phone = judged(REFUSED_RECONNECT, refused({"status": 503, "retry_ms": 1_000}, Phase.OK))["phone"]
    assert phone.verdict is PASS and "1000 ms" in phone.why


def test_a_delay_that_is_kept_and_does_not_help() -> None:
    story = refused({"status": 503, "retry_ms": 200}, Phase.INFO, Phase.FAIL, wait_ms=300)
    story.meta["deadlines"]["resume_s"] = 5.0
    assert judged(REFUSED_RECONNECT, story)["phone"].verdict is GAP


def test_impatience_proves_nothing() -> None:
    found = judged(REFUSED_RECONNECT, refused({"status": 503, "retry_ms": 60_000}, Phase.INFO))
    assert found["phone"].verdict is INCONCLUSIVE
    assert judged(REFUSED_RECONNECT, refused({"status": 429, "retry_ms": 0}))["phone"].verdict is INCONCLUSIVE


def test_other_refusals_are_no_case() -> None:
    assert judged(REFUSED_RECONNECT, refused({"status": 401}, Phase.OK)) == {}
    assert judged(REFUSED_RECONNECT, refused({"error": "connection refused"}, Phase.OK)) == {}
