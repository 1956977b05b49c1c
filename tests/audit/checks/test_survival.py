from __future__ import annotations

from typing import Any

import pytest

from audit.checks.survival import SURVIVAL

from .judged import GAP, INCONCLUSIVE, PASS, judged, verdicts
from .story import Story, answer, counted

TEN = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}


def cut(disconnect: str | None = "continue", **changes: Any) -> Story:
    """The phone that asked loses its connection after three of ten words; a laptop watches."""
    story = Story("phone", "laptop", oracle=TEN, contract={"disconnect": disconnect}, **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    story.strikes("phone")
    return story


def test_the_run_went_on_to_its_end() -> None:
    story = cut().says(range(4, 11), "laptop").ends("laptop")
    phone = judged(SURVIVAL, story)["phone"]
    assert phone.verdict is PASS
    assert phone.why == "run-1 went on after the phone had lost its connection, to its end."


def test_only_the_transcript_shows_that_it_went_on() -> None:
    story = cut()
    read = story.reads("laptop", answer(counted(10), ending=None), final=True)
    phone = judged(SURVIVAL, story)["phone"]
    assert phone.verdict is PASS
    assert read + 1 in phone.evidence


@pytest.mark.parametrize("reason", ["stopped", "failed", "superseded"])
def test_the_disconnect_ended_it(reason: str) -> None:
    story = cut()
    struck = len(story.events) - 2
    story.ends("laptop", reason=reason)
    phone = judged(SURVIVAL, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (struck, len(story.events) - 1))
    assert phone.why.startswith(f"run-1 ended {reason} when the phone lost its connection")


def test_nothing_more_could_be_had() -> None:
    story = cut()
    struck = len(story.events) - 2
    story.resumes("phone")
    story.says(range(1, 4), "phone", conn=2)
    phone = judged(SURVIVAL, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (struck,))
    assert "nobody could get anything more" in phone.why


def test_it_went_on_but_nobody_saw_how_it_ended() -> None:
    assert verdicts(SURVIVAL, cut().says([4, 5], "laptop")) == {"phone": INCONCLUSIVE}


@pytest.mark.parametrize(("disconnect", "verdict"), [("continue", GAP), ("cancel", PASS)])
def test_a_transcript_that_holds_a_part_at_rest_shows_that_it_broke_off(disconnect: str, verdict: object) -> None:
    story = cut(disconnect)
    read = story.reads("laptop", answer(counted(4), ending=None), final=True)
    phone = judged(SURVIVAL, story)["phone"]
    assert phone.verdict is verdict
    assert read + 1 in phone.evidence
    assert "only a part of run-1: it broke off when the phone lost its connection" in phone.why


def test_a_transcript_that_says_it_is_running_proves_nothing() -> None:
    story = cut()
    story.reads("laptop", answer(counted(4), ending="running"), final=True)
    assert verdicts(SURVIVAL, story) == {"phone": INCONCLUSIVE}


def test_what_is_not_declared_is_not_judged() -> None:
    found = judged(SURVIVAL, cut(None).ends("laptop", reason="stopped"))
    assert found["phone"].verdict is INCONCLUSIVE
    assert "not declared" in found["phone"].why


def test_a_declared_cancel_has_to_cancel() -> None:
    assert verdicts(SURVIVAL, cut("cancel").ends("laptop", reason="stopped")) == {"phone": PASS}
    assert verdicts(SURVIVAL, cut("cancel")) == {"phone": INCONCLUSIVE}
    phone = judged(SURVIVAL, cut("cancel").says(range(4, 11), "laptop").ends("laptop"))["phone"]
    assert phone.verdict is GAP
    assert "ran to its end" in phone.why


def test_a_run_that_had_said_everything_cannot_be_canceled() -> None:
    story = Story("phone", "laptop", oracle=TEN, contract={"disconnect": "cancel"})
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 11), "phone", "laptop")
    story.strikes("phone")
    story.ends("laptop")
    assert verdicts(SURVIVAL, story) == {}


@pytest.mark.parametrize("loss", ["offline", "leave"])
def test_losing_the_network_and_leaving_are_disconnects_too(loss: str) -> None:
    story = Story("phone", "laptop", oracle=TEN)
    story.joins("laptop")
    story.prompts("phone")
    story.says([1], "phone", "laptop")
    story.note("phone", loss)
    story.ends("laptop", reason="failed")
    assert verdicts(SURVIVAL, story) == {"phone": GAP}


def test_a_stop_a_late_cut_or_another_device_is_no_case() -> None:
    stopped = cut()
    stopped.stops("laptop")
    stopped.ends("laptop", reason="stopped")
    assert verdicts(SURVIVAL, stopped) == {}
    late = Story("phone", oracle=TEN)
    late.prompts("phone")
    late.says(range(1, 11), "phone").ends("phone")
    late.strikes("phone")
    assert verdicts(SURVIVAL, late) == {}
    other = Story("phone", "laptop", oracle=TEN)
    other.joins("laptop")
    other.prompts("phone")
    other.says([1], "phone", "laptop")
    other.strikes("laptop")
    assert verdicts(SURVIVAL, other) == {}
