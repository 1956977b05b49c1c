"""Which scenarios are worth more trials: those where what was measured lies near the threshold of its rule. Pure.

A word is lost or it is not, but a delay of 1.9 s under a budget of 2 s passes today and fails tomorrow. Such a scenario
is played again, as often as the profile plays it and at most twice, until it is clear whether the rule breaks more
often than not, or a trial broke it by far. What is played follows from the seed; that it is played, from what was
measured (docs/variability.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from .finding import Finding, Verdict
from .history import History
from .judge import judge
from .result import Repeated
from .scenario import PROFILES, TrialPlan
from .twin import twin_failure
from .wilson import wilson

NEAR = (0.8, 1.25)  # of what is allowed: below is a clear pass, above a clear gap
ROUNDS = 2  # times that the trials of a profile may be played again
TIMED = frozenset({"hang", "resume-delay", "buffering", "control-delay"})
"""Rules whose findings tell `of_limit`; the others are decided by what they see, not by how much of it."""

Played: TypeAlias = tuple[TrialPlan, History]


@dataclass(frozen=True, slots=True)
class Further:
    """More trials, and why: one entry of `repeated` for each scenario that they belong to."""

    plans: tuple[TrialPlan, ...] = ()
    repeated: tuple[Repeated, ...] = ()


def further(played: Iterable[Played], prompts: int) -> Further:
    """What to play next, of all that was played so far (twins, too). prompts: how many more may be sent."""
    plans: list[TrialPlan] = []
    repeated: list[Repeated] = []
    by_scenario = sorted(played, key=lambda each: each[0].scenario.id)
    for _, group in groupby(by_scenario, key=lambda each: each[0].scenario.id):
        trials = sorted(group, key=lambda each: each[0].number)
        rules = undecided(trials)
        more = _next(trials) if rules else ()
        cost = sum(plan.scenario.prompts for plan in more)
        if more and cost <= prompts:
            prompts -= cost
            plans += more
            repeated.append(Repeated(more[0].scenario.id, len(more), rules))
    return Further(tuple(plans), tuple(repeated))


def undecided(trials: Sequence[Played]) -> tuple[str, ...]:
    """The rules that the trials of one scenario, its twin among them, leave undecided."""
    rules = [rule for rule in trials[0][0].scenario.checks if rule.id in TIMED]
    failed = next((twin_failure(history) for plan, history in trials if plan.twin), "")
    if not rules or failed:
        return ()
    judged = [judge(history, rules) for plan, history in trials if not plan.twin]
    return tuple(rule.id for rule in rules if _is_close(list(_worst(judged, rule.id))))


def joined(known: Iterable[Repeated], more: Iterable[Repeated]) -> tuple[Repeated, ...]:
    """What was added in several rounds, one entry a scenario."""
    found: dict[str, Repeated] = {}
    for each in (*known, *more):
        before = found.get(each.scenario, Repeated(each.scenario, 0, ()))
        rules = tuple(dict.fromkeys((*before.rules, *each.rules)))
        found[each.scenario] = Repeated(each.scenario, before.trials + each.trials, rules)
    return tuple(found.values())


def _next(trials: Sequence[Played]) -> tuple[TrialPlan, ...]:
    """The next numbers after those that were played, as many as the profile plays; none after the last round."""
    plan = trials[-1][0]
    each = PROFILES[plan.profile]
    if plan.number >= each * (1 + ROUNDS):
        return ()
    numbers = range(plan.number + 1, plan.number + each + 1)
    return tuple(TrialPlan(plan.scenario, number, plan.seed, plan.profile) for number in numbers)


def _worst(judged: Iterable[tuple[Finding, ...]], rule: str) -> Iterator[tuple[float, Verdict]]:
    """Of each trial that measured something: the finding nearest to its limit, or furthest beyond."""
    for findings in judged:
        told = [(each.of_limit, each.verdict) for each in findings if each.rule == rule and each.of_limit is not None]
        if told:
            yield max(told)


def _is_close(found: Sequence[tuple[float, Verdict]]) -> bool:
    if not found or not NEAR[0] <= max(share for share, _ in found) <= NEAR[1]:
        return False
    low, high = wilson(sum(verdict is Verdict.GAP for _, verdict in found), len(found))
    return low < 0.5 < high
