from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from audit.contract import RESILIENT_DELIVERY
from audit.scenario import PROFILES, Scenario, TrialPlan, plan
from audit.stage import Stage


async def script(stage: Stage) -> None:
    """Nothing happens."""


ONE = Scenario(
    "one", "One", "why", RESILIENT_DELIVERY, script, (), points=("early", "late"), arms=("drop", "stop", "x")
)
TWO = Scenario("two", "Two", "why", RESILIENT_DELIVERY, script, ())


@pytest.mark.parametrize(("profile", "trials"), [("quick", 3), ("standard", 10), ("deep", 30)])
def test_a_profile_says_how_many_trials_beside_the_twin(profile: str, trials: int) -> None:
    plans = plan((ONE, TWO), profile, 1)
    assert PROFILES[profile] == trials
    assert Counter(each.scenario.id for each in plans) == {"one": trials + 1, "two": trials + 1}
    assert [each.number for each in plans if each.scenario is ONE] == list(range(trials + 1))


def test_twins_come_first_and_are_the_trials_number_0() -> None:
    plans = plan((ONE, TWO), "quick", 1)
    assert [(each.name, each.twin) for each in plans[:3]] == [("one-0", True), ("two-0", True), ("one-1", False)]
    assert not any(each.twin for each in plans[2:])


def test_points_and_arms_take_turns() -> None:
    trials = [TrialPlan(ONE, number, 1, "standard") for number in range(1, 8)]
    assert [each.point for each in trials] == ["early", "late", "early", "late", "early", "late", "early"]
    assert [each.arm for each in trials] == ["drop", "stop", "x", "drop", "stop", "x", "drop"]
    assert {(each.point, each.arm) for each in trials} == {(p, a) for p in ONE.points for a in ONE.arms}
    assert (TrialPlan(TWO, 3, 1, "quick").point, TrialPlan(TWO, 3, 1, "quick").arm) == ("middle", "")


@pytest.mark.parametrize(("profile", "trials"), [("quick", 1), ("standard", 3), ("deep", 10)])
def test_what_is_played_alone_is_played_less_often(profile: str, trials: int) -> None:
    alone = replace(TWO, alone=True)
    plans = plan((ONE, alone), profile, 1)
    assert [each.number for each in plans if each.scenario is alone] == list(range(trials + 1))


def test_the_same_seed_is_the_same_plan_whatever_else_runs() -> None:
    assert plan((ONE, TWO), "quick", 7) == plan((ONE, TWO), "quick", 7)
    both = {each.name: each.rng().random() for each in plan((ONE, TWO), "deep", 7)}
    alone = {each.name: each.rng().random() for each in plan((TWO,), "quick", 7)}
    assert alone == {name: both[name] for name in alone}
    assert len(set(both.values())) == len(both)


def test_another_seed_is_another_plan() -> None:
    assert TrialPlan(ONE, 1, 7, "quick").rng().random() != TrialPlan(ONE, 1, 8, "quick").rng().random()
