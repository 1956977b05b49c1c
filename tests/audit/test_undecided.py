from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import audit.checks
from audit.checks import RESUME_DELAY
from audit.checks.base import Rule
from audit.finding import Finding, Verdict
from audit.history import History
from audit.result import Repeated
from audit.scenario import PROFILES, Scenario, TrialPlan
from audit.undecided import ROUNDS, TIMED, Played, further, joined, undecided

from .checks.story import Story
from .playing import ask_and_settle, scenario

PLENTY = 1_000


def measured(*shares: float, id: str = "resume-delay") -> Rule:
    """A rule that measures the share of its limit that belongs to the trial; the twin is trial 0."""

    def judge(history: History) -> Iterator[Finding]:
        share = shares[(int(history.meta["trial"]) - 1) % len(shares)]
        verdict = Verdict.GAP if share > 1 else Verdict.PASS
        yield Finding(id, verdict, "measured", "phone", (0,), share * 2_000, "ms", share)

    return replace(RESUME_DELAY, id=id, judge=judge)


def history(number: int) -> History:
    story = Story("phone", trial=number, twin=number == 0)
    story.prompts("phone")
    story.says(range(1, 4), "phone")
    return story.history()


def played(scene: Scenario, trials: int, profile: str = "quick") -> list[Played]:
    return [(TrialPlan(scene, number, 7, profile), history(number)) for number in range(trials + 1)]


def scene(*shares: float, id: str = "story") -> Scenario:
    return scenario(ask_and_settle, id, (measured(*shares),))


def numbers(found: tuple[TrialPlan, ...]) -> list[int]:
    return [plan.number for plan in found]


@pytest.mark.parametrize(
    ("shares", "close"),
    [
        ((0.1, 0.2, 0.3), False),  # far below
        ((0.1, 0.2, 0.79), False),
        ((0.1, 0.2, 0.8), True),
        ((0.9, 1.1, 0.9), True),
        ((1.25, 0.1, 0.1), True),
        ((1.26, 0.9, 0.9), False),  # broken by far: more trials cannot take that back
    ],
)
def test_what_lies_near_its_threshold_is_undecided(shares: tuple[float, ...], close: bool) -> None:
    assert undecided(played(scene(*shares), 3)) == (("resume-delay",) if close else ())


def test_enough_trials_decide_whether_it_breaks_more_often_than_not() -> None:
    assert undecided(played(scene(0.9), 3))
    assert not undecided(played(scene(0.9), 6))  # 0 of 6: at most 39 %
    assert undecided(played(scene(0.9, 1.1), 9))  # 4 of 9
    assert not undecided(played(scene(1.1), 6))  # 6 of 6


def test_a_scenario_is_played_again_as_often_as_its_profile_plays_it_and_at_most_twice() -> None:
    close = scene(0.9, 1.1)
    for profile, each in PROFILES.items():
        plans = further(played(close, each, profile), PLENTY).plans
        assert numbers(plans) == list(range(each + 1, 2 * each + 1))
        assert {(plan.seed, plan.profile) for plan in plans} == {(7, profile)}
        assert further(played(close, each * (1 + ROUNDS), profile), PLENTY).plans == ()


def test_it_says_why_and_only_for_scenarios_that_are_undecided() -> None:
    found = further([*played(scene(0.9), 3), *played(scene(0.1, id="calm"), 3)], PLENTY)
    assert found.repeated == (Repeated("story", 3, ("resume-delay",)),)
    assert {plan.scenario.id for plan in found.plans} == {"story"}


def test_no_more_prompts_are_sent_than_the_target_allows() -> None:
    thirsty = replace(scene(0.9, id="a-thirsty-one"), prompts=2)
    both = [*played(thirsty, 3), *played(scene(0.9), 3)]
    assert [each.scenario for each in further(both, 9).repeated] == ["a-thirsty-one", "story"]
    assert [each.scenario for each in further(both, 8).repeated] == ["a-thirsty-one"]
    assert [each.scenario for each in further(both, 5).repeated] == ["story"]
    assert further(both, -1).plans == ()


def test_a_scenario_whose_twin_failed_is_not_played_again() -> None:
    silent = (TrialPlan(scene(0.9), 0, 7, "quick"), Story("phone", trial=0, twin=True).history())
    assert undecided([silent, *played(scene(0.9), 3)[1:]]) == ()


def test_rules_that_measure_no_share_decide_at_once() -> None:
    counted = scenario(ask_and_settle, "story", (measured(0.9, id="loss"),))
    assert undecided(played(counted, 3)) == ()


def test_the_same_histories_ask_for_the_same_trials_in_any_order() -> None:
    both = [*played(scene(0.9), 3), *played(scene(1.1, id="other"), 3)]
    assert further(both, PLENTY) == further(both[::-1], PLENTY)


def test_rounds_are_told_together() -> None:
    first, second = Repeated("a", 3, ("hang",)), Repeated("a", 3, ("hang", "resume-delay"))
    other = Repeated("b", 3, ("hang",))
    assert joined((first, other), (second,)) == (Repeated("a", 6, ("hang", "resume-delay")), other)


def test_every_rule_that_tells_a_share_of_its_limit_is_known() -> None:
    folder = Path(audit.checks.__file__).parent
    telling = {
        path.stem.replace("_", "-")
        for path in folder.glob("*.py")
        if re.search(r"of_limit=", path.read_text(encoding="utf-8"))
    }
    assert telling == TIMED
