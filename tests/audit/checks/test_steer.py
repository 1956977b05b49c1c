from __future__ import annotations

import pytest

from audit.checks.steer import STEER
from audit.event import Phase, Value

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def steered(outcome: Phase | None = Phase.OK, reply: Value | None = None, *, over: bool = False) -> Story:
    """The phone steers in the middle of run-1 (or when it is over); the laptop watches."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 4), "phone", "laptop")
    if over:
        story.ends("phone", "laptop")
    story.does("phone", "steer", outcome, reply, label="run-1", key="s-1", text="otherwise")
    return story


def shown(story: Story, *to: str) -> Story:
    for who in to:
        story.sees(who, "steer", id="s1", key="s-1", text="otherwise")
    return story


def told(story: Story, *to: str, outcome: str = "taken") -> Story:
    for who in to:
        story.sees(who, "steer-outcome", id="s1", outcome=outcome)
    return story


def rests(story: Story) -> Story:
    story.note("stage", "settled", why="ended")
    return story


@pytest.mark.parametrize("outcome", ["taken", "refused", "too-late"])
def test_everybody_is_told_what_became_of_it(outcome: str) -> None:
    story = told(shown(steered(), "phone", "laptop"), "phone", "laptop", outcome=outcome)
    found = judged(STEER, rests(story))
    assert {device: each.verdict for device, each in found.items()} == {"phone": PASS, "laptop": PASS}
    assert found["phone"].unit == "ms"


def test_the_answer_itself_may_tell() -> None:
    assert judged(STEER, rests(steered(reply={"outcome": "refused"})))["phone"].verdict is PASS


def test_it_is_swallowed() -> None:
    story = steered()
    rest = story.note("stage", "settled", why="ended")
    phone = judged(STEER, story)["phone"]
    assert (phone.verdict, phone.evidence[-1]) == (GAP, rest)


def test_a_trial_that_never_settled_cannot_tell() -> None:
    assert judged(STEER, steered())["phone"].verdict is INCONCLUSIVE


def test_two_verdicts_are_none() -> None:
    story = told(told(shown(steered(), "phone"), "phone"), "phone", outcome="refused")
    assert judged(STEER, rests(story))["phone"].verdict is GAP


def test_a_second_run_begins() -> None:
    story = told(shown(steered(), "phone", "laptop"), "phone", "laptop")
    start = story.sees("phone", "start", "r9")
    phone = judged(STEER, rests(story))["phone"]
    assert (phone.verdict, phone.evidence[-1]) == (GAP, start)


def test_the_other_device_never_sees_it() -> None:
    laptop = judged(STEER, rests(told(shown(steered(), "phone"), "phone")))["laptop"]
    assert laptop.verdict is GAP
    assert "never shown it" in laptop.why


def test_the_other_device_sees_no_verdict() -> None:
    laptop = judged(STEER, rests(told(shown(steered(), "phone", "laptop"), "phone")))["laptop"]
    assert laptop.verdict is GAP
    assert "never what became of it" in laptop.why


def test_what_was_not_taken_need_not_be_shown() -> None:
    story = told(shown(steered(), "phone"), "phone", outcome="refused")
    assert judged(STEER, rests(story))["laptop"].verdict is PASS


def test_a_device_that_was_disturbed_is_left_out() -> None:
    story = told(shown(steered(), "phone"), "phone")
    story.strikes("laptop")
    assert "laptop" not in judged(STEER, rests(story))


@pytest.mark.parametrize(("over", "verdict"), [(False, GAP), (True, PASS)])
def test_an_error_is_a_verdict_only_when_it_is_too_late(over: bool, verdict: object) -> None:
    story = rests(steered(Phase.FAIL, {"status": 404, "error": "no such run"}, over=over))
    assert judged(STEER, story)["phone"].verdict is verdict


def test_no_way_to_steer() -> None:
    phone = judged(STEER, rests(steered(Phase.FAIL, {"unsupported": True, "error": "no command"})))["phone"]
    assert phone.verdict is GAP
    assert "is not offered" in phone.why


def test_an_answer_that_was_lost_proves_nothing() -> None:
    assert judged(STEER, rests(steered(Phase.INFO, {"timeout": True})))["phone"].verdict is INCONCLUSIVE
