"""Playing one trial of a stored run again: which one is meant, and what was said of it then and now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from .differences import differences
from .errors import ConfigError, Problem
from .finding import Verdict
from .result import AuditResult, Judgment
from .run import RunMeta
from .scenario import TWIN
from .summary import worst


@dataclass(frozen=True, slots=True)
class Case:
    """One trial. rule: the one it is about, empty when it is about all of them."""

    scenario: str
    trial: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One rule on the trial, then and now; None where it was not judged."""

    rule: str
    old: Judgment | None
    new: Judgment | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A trial, then and now. changed: what the target says of itself differently since."""

    case: Case
    pairs: tuple[Pair, ...]
    changed: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """What the new trial says of the rule that it is about, or the worst it says of any."""
        wanted = (pair.new for pair in self.pairs if self.case.rule in ("", pair.rule))
        return worst(found.verdict for found in wanted if found is not None)


def scenario_of(case: str, run: RunMeta) -> str:
    """The scenario that a case (`loss@network-drop`, `network-drop-2`) belongs to; ConfigError when there is none."""
    name = case.partition("@")[2] if "@" in case else case.rpartition("-")[0]
    if name in run.plan:
        return name
    trials = [f"{scenario}-{number}" for scenario, numbers in run.plan.items() for number in numbers if number != TWIN]
    raise _unknown(case, [*trials, *(f"{case.partition('@')[0]}@{scenario}" for scenario in run.plan)], trials)


def case_of(case: str, run: RunMeta, findings: Sequence[Judgment]) -> Case:
    """The trial that a case names, or that speaks for a finding; ConfigError when there is no such trial.

    findings: what is said of the whole scenario.
    """
    scenario = scenario_of(case, run)
    if "@" in case:
        rule = case.partition("@")[0]
        found = next((each for each in findings if (each.rule, each.scenario) == (rule, scenario)), None)
        if found is None:
            names = [f"{each.rule}@{each.scenario}" for each in findings]
            raise _unknown(case, names, names)
        if found.trial is None:
            what = f"{rule} does not apply in {scenario}, so no trial speaks for it"
            raise ConfigError("replay", (Problem("--case", what, f"--case {scenario}-1"),))
        return Case(scenario, found.trial, rule)
    number = case.rpartition("-")[2]
    trials = [f"{scenario}-{each}" for each in run.plan[scenario] if each != TWIN]
    if case not in trials:
        raise _unknown(case, trials, trials)
    return Case(scenario, int(number))


def only(run: RunMeta, scenario: str, *trials: int) -> RunMeta:
    """The part of a run that belongs to a scenario: all its trials, or its twin and these."""
    numbers = (TWIN, *trials) if trials else run.plan[scenario]
    kept = tuple(number for number in run.plan[scenario] if number in numbers)
    return replace(run, plan={scenario: kept}, untested=(), repeated=())


def replayed(case: Case, old: AuditResult, new: AuditResult) -> Replayed:
    """Then and now, side by side. Both results hold this trial alone."""
    before, after = ({found.rule: found for found in result.findings} for result in (old, new))
    rules = dict.fromkeys((*before, *after))
    pairs = tuple(Pair(rule, before.get(rule), after.get(rule)) for rule in rules)
    return Replayed(case, pairs, tuple(differences(old.target, new.target)))


def _unknown(case: str, names: Sequence[str], shown: Sequence[str]) -> ConfigError:
    close = get_close_matches(case, names, 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    what = f"{case[:80]!r} is neither a finding nor a trial of this run{meant}"
    return ConfigError("replay", (Problem("--case", what, f"--case {shown[0]}" if shown else ""),))
