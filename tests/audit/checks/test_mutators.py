"""Every rule passes on what a clean target leaves behind, and each one, and only it, sees its own defect."""

from __future__ import annotations

import pytest

from audit.checks import RULES
from audit.finding import Verdict
from audit.history import History, dump_history, load_history
from audit.judge import judge
from audit.scenario import TrialPlan
from audit.summary import worst
from scenarios import SCENARIOS
from tests.golden.record import PLANS, golden

from .mutators import MUTATORS, Mutator

CHECKS = {scenario.id: scenario.checks for scenario in SCENARIOS}
CLEAN = {Verdict.PASS, Verdict.NOT_APPLICABLE}


def verdicts(history: History) -> dict[str, Verdict]:
    """Rule of the history's scenario → the worst that it says."""
    rules = CHECKS[str(history.meta["scenario"])]
    findings = judge(history, rules)
    return {rule.id: worst(f.verdict for f in findings if f.rule == rule.id) for rule in rules}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_golden_history_is_clean(plan: TrialPlan) -> None:
    history = golden(plan.scenario.id, plan.number)
    assert history.whole
    unmet = [f"{f.rule}: {f.why}" for f in judge(history, plan.scenario.checks) if f.verdict not in CLEAN]
    assert not unmet


def test_every_scenario_has_a_golden_history_and_every_rule_passes_in_one() -> None:
    assert {plan.scenario.id for plan in PLANS} == set(CHECKS)
    found = (verdicts(golden(plan.scenario.id, plan.number)) for plan in PLANS)
    passed = {rule for each in found for rule, verdict in each.items() if verdict is Verdict.PASS}
    assert passed == {rule.id for rule in RULES}


@pytest.mark.parametrize("mutator", MUTATORS, ids=lambda mutator: f"{mutator.rule}-{mutator.name}-{mutator.trial}")
def test_a_defect_is_seen_by_its_rule_and_by_no_other(mutator: Mutator) -> None:
    clean = golden(mutator.scenario, mutator.trial)
    mutant = mutator.mutate(clean)
    assert load_history(dump_history(mutant).splitlines()) == mutant
    before = verdicts(clean)
    assert before[mutator.rule] is Verdict.PASS
    assert verdicts(mutant) == before | {mutator.rule: Verdict.GAP}


def test_every_rule_has_a_mutator_in_the_order_of_the_registry() -> None:
    assert list(dict.fromkeys(mutator.rule for mutator in MUTATORS)) == [rule.id for rule in RULES]
