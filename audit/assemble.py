"""From stored histories to the result: judging, summing up, scoring, naming. Pure, and the one way to get a result:
a fresh audit and a later check of its folder go through here, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Protocol

from .advice import advice
from .checks.base import Rule
from .contract import Contract
from .declared import claims
from .diagnosis import diagnose
from .event import Value
from .judge import judge
from .migration import design
from .result import SCHEMA, AuditResult, Judgment, RuleInfo, RunFile, ScenarioInfo, Untested
from .run import RunMeta, Trial
from .scoring import grade, score_capabilities
from .situation import declared_agents, situation
from .summary import Replay, Summary
from .twin import twin_failure
from .way_out import plan

CUT_SHORT = "cut short: judged up to its end"


class ScenarioLike(Protocol):
    """What is needed of `audit.scenario.Scenario` here."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def why(self) -> str: ...  # noqa: D102
    @property
    def capability(self) -> str: ...  # noqa: D102
    @property
    def checks(self) -> tuple[Rule, ...]: ...  # noqa: D102


class _Judging:
    """Taking trials one by one; only what is told of them is kept."""

    def __init__(self, run: RunMeta, rules: Sequence[Rule], scenarios: Iterable[ScenarioLike], folder: str) -> None:
        self.known = {scenario.id: scenario for scenario in scenarios}
        self.summary = Summary(rules, tuple(run.plan), Replay(run.target_file, run.seed, folder))
        self.files: list[RunFile] = []
        self.traits: Value = {}
        self._failed: dict[str, str] = {}

    def take(self, trial: Trial) -> None:
        history = trial.history
        is_twin = bool(history.meta.get("twin"))
        note = "" if history.whole else CUT_SHORT
        self.traits = self.traits or dict(history.meta.get("traits", {}))
        if is_twin:
            self._failed[trial.scenario] = twin_failure(history)
            note = note or self._failed[trial.scenario]
        elif trial.scenario in self.known:
            checks = self.known[trial.scenario].checks
            findings = judge(history, checks, self._failed.get(trial.scenario, ""))
            self.summary.add(trial.scenario, trial.number, trial.file, history, findings)
        self.files.append(RunFile(trial.file, trial.scenario, trial.number, is_twin, trial.sha256, note))


def assemble(
    run: RunMeta,
    trials: Iterable[Trial],
    scenarios: Sequence[ScenarioLike],
    rules: Sequence[Rule],
    *,
    created: str,
    tool: str,
    ruleset: str,
    folder: str = "",
) -> AuditResult:
    """The result of a run. Trials of a scenario must come in order, its twin first (as `StoredRun.trials` gives them).

    rules: the registry, in the order of the report. created, tool, ruleset: when and by which version it was judged.
    folder: where the run is kept, for commands that play its trials again.
    """
    judging = _Judging(run, rules, scenarios, folder)
    for trial in trials:
        judging.take(trial)
    judgments, contract = judging.summary.judgments(), _contract(run.target)
    verdict = grade(judgments, contract, rules)
    ran = [judging.known[id] for id in run.plan if id in judging.known]
    diagnoses = diagnose(judgments, judging.traits, contract, declared_agents(run.target))
    steps = plan(judgments, diagnoses, {rule.id: rule.remedy for rule in rules}, contract)
    case = situation(run.target, judging.traits, judgments, diagnoses)
    return AuditResult(
        schema=SCHEMA,
        ruleset=ruleset,
        tool=tool,
        created=created,
        argv=run.argv,
        profile=run.profile,
        seed=run.seed,
        environment=run.versions,
        target=run.target,
        grade=verdict.letter,
        verdict=verdict,
        scores=score_capabilities(judgments),
        findings=judgments,
        diagnoses=diagnoses,
        runs=tuple(judging.files),
        partial=_partial(run, judging.files),
        rules=_words(rules, judgments),
        scenarios={each.id: ScenarioInfo(each.title, each.capability, each.why) for each in ran},
        untested=(*run.untested, *_forgotten(run, judging.known)),
        repeated=run.repeated,
        traits=judging.traits,
        plan=steps,
        claims=claims(run.target, judging.traits, judgments),
        design=design(case, steps),
        advice=advice(run.target, case.stacked),
    )


def _contract(target: Value) -> Contract:
    declared, known = target.get("contract"), {each.name for each in fields(Contract)}
    told = declared if isinstance(declared, dict) else {}
    return Contract(**{key: value for key, value in told.items() if key in known})


def _words(rules: Iterable[Rule], judgments: Iterable[Judgment]) -> dict[str, RuleInfo]:
    """The words of every rule that a judgment names."""
    named = {each.rule for each in judgments}
    return {rule.id: _info(rule) for rule in rules if rule.id in named}


def _info(rule: Rule) -> RuleInfo:
    return RuleInfo(
        title=rule.title,
        capability=rule.capability,
        severity=rule.severity,
        truth=rule.truth,
        felt=rule.felt,
        why=rule.why,
        source=rule.source,
        remedy=rule.remedy,
    )


def _partial(run: RunMeta, files: Sequence[RunFile]) -> str:
    """How much of the plan there is, when it is not all of it."""
    planned, whole = sum(map(len, run.plan.values())), sum(file.note != CUT_SHORT for file in files)
    return "" if whole >= planned else f"interrupted: {whole} of {planned} trials ran to their end"


def _forgotten(run: RunMeta, known: Mapping[str, ScenarioLike]) -> tuple[Untested, ...]:
    """Scenarios that an older version ran and this one cannot judge."""
    return tuple(Untested(id, "this version knows no such scenario") for id in run.plan if id not in known)
