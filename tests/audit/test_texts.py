from __future__ import annotations

from dataclasses import replace

import pytest

from audit import texts
from audit.adapters import ADAPTERS
from audit.campaign import Cost, Order
from audit.checks import RULES
from audit.checks.base import RuleText
from audit.errors import ConfigError
from audit.faults import FAULTS
from audit.load.rules import LOAD_RULES
from audit.scenario import PROFILES, Scenario
from scenarios import SCENARIOS

from .test_result_file import RESULT

ORDER = Order(SCENARIOS, "quick", 7, 4)


def test_a_plan_tells_its_size_and_its_cost() -> None:
    cost = Cost(56, 76, 129, 8.4)
    said = texts.plan("chat at http://chat.example", ORDER, cost)
    assert said.startswith("Auditing chat at http://chat.example: ")
    for part in (f"{len(SCENARIOS)} scenarios", "56 trials", "profile quick", "seed 7", "76 prompts", "129 devices"):
        assert part in said
    assert "about 8 s" in said


def test_steps_say_where_each_scenario_strikes() -> None:
    lines = texts.steps(ORDER).splitlines()
    assert len(lines) == len(SCENARIOS)
    drop = next(line for line in lines if "network-drop" in line)
    assert "3 trials and a fault-free twin" in drop and "(middle, split, early)" in drop
    arms = next(each for each in SCENARIOS if each.arms)
    assert f"({', '.join(arms.arms)})" in next(line for line in lines if arms.id in line)
    (one,) = texts.steps(Order(SCENARIOS[:1], "quick", 7, 4, trial=2)).splitlines()
    assert "1 trial and a fault-free twin" in one and "(split)" in one


def test_the_catalogue_names_everything_there_is() -> None:
    said = texts.catalogue(SCENARIOS, [("reference", "A durable session.")])
    rules = [each.id for each in (*RULES, *LOAD_RULES)]
    names = [*(each.id for each in SCENARIOS), *rules, *(each.id for each in ADAPTERS)]
    for name in [*names, *PROFILES, *(fault.__name__.lower() for fault in FAULTS), "reference"]:
        assert f"\n  {name} " in said
    assert max(map(len, said.splitlines())) <= texts.WIDTH


@pytest.mark.parametrize("rule", [*RULES, *LOAD_RULES], ids=lambda rule: rule.id)
def test_a_rule_is_explained_with_everything_it_says(rule: RuleText) -> None:
    said = " ".join(texts.explain(rule.id, SCENARIOS).split())
    for part in (rule.title, rule.truth, rule.felt, rule.why, rule.remedy.action, rule.remedy.cost, *rule.source):
        assert " ".join(part.split()) in said
    assert rule.severity.value in said
    assert [each.id for each in SCENARIOS if rule in each.checks and each.id not in said] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_a_scenario_is_explained_too(scenario: Scenario) -> None:
    said = " ".join(texts.explain(scenario.id, SCENARIOS).split())
    story = " ".join((scenario.script.__doc__ or "").split())
    assert story and story in said
    for part in (scenario.title, scenario.why, *(rule.id for rule in scenario.checks)):
        assert part in said


def test_a_rule_of_loads_is_judged_by_the_load_command() -> None:
    assert f"Judged in:     {texts.UNDER_LOAD}" in texts.explain("storm", SCENARIOS)


def test_a_near_miss_is_guessed_and_anything_else_is_not() -> None:
    with pytest.raises(ConfigError, match="'los' is not known; did you mean 'loss'"):
        texts.explain("los", SCENARIOS)
    with pytest.raises(ConfigError, match="'zzzzzz' is not known; see durable-audit list"):
        texts.explain("zzzzzz", SCENARIOS)


def test_a_result_in_one_line() -> None:
    half = RESULT.scores["resilient-delivery"]
    scores = {"resilient-delivery": half, "continuity": half, "live-control": replace(half, score=None)}
    line = texts.line(replace(RESULT, scores=scores))
    assert line == "chät                   C   Resilient Delivery 50 · Continuity Across Surfaces 50 · Live Control –"


def test_the_plan_says_what_may_come_on_top() -> None:
    assert "up to 6 more trials" in texts.plan("chat", ORDER, Cost.of(ORDER))
    replay = replace(ORDER, trial=2)
    assert "more trials" not in texts.plan("chat", replay, Cost.of(replay))
