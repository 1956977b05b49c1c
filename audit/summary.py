"""Many trials, one judgment per rule and scenario: the worst trial speaks, and the rest is counted. Pure.

Trials are added one by one and only what is told of them is kept, so that an audit of any length fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from shlex import quote
from statistics import median

from .checks.base import Rule
from .excerpt import excerpt
from .finding import Finding, Verdict
from .history import History
from .result import Excerpt, Judgment
from .wilson import wilson

WORST_FIRST = (Verdict.GAP, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """A gap anywhere is a gap; what could not be proven outweighs what passed. Empty: not applicable."""
    return min(verdicts, key=WORST_FIRST.index, default=Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Replay:
    """What it takes to run a trial again. folder: of its run, where that is known."""

    target: str
    seed: int
    folder: str = ""

    def command(self, rule: str, scenario: str, trial: int) -> str:
        """The shell command that runs this trial once more; with a folder, one that shows both, then and now."""
        if self.folder:
            return f"durable-audit replay {quote(self.folder)} --case {quote(f'{rule}@{scenario}')}"
        return f"durable-audit run {quote(self.target)} --scenario {quote(scenario)} --seed {self.seed} --trial {trial}"


@dataclass(frozen=True, slots=True)
class Case:
    """The one finding that speaks for a rule in a scenario, where it was made, and what it looked like."""

    finding: Finding
    trial: int
    file: str
    excerpt: Excerpt | None


@dataclass
class _Tally:
    """One rule over the trials of one scenario."""

    gaps: int = 0
    passes: int = 0
    unproven: int = 0
    measured: list[tuple[str, float]] = field(default_factory=list)
    shown: Case | None = None

    def add(self, history: History, trial: int, file: str, findings: Sequence[Finding]) -> None:
        verdict = worst(finding.verdict for finding in findings)
        self.gaps += verdict is Verdict.GAP
        self.passes += verdict is Verdict.PASS
        self.unproven += verdict is Verdict.INCONCLUSIVE
        speaker = min(findings, key=_badness)
        self.measured.extend(_measured(findings))
        if self.shown is None or _badness(speaker) < _badness(self.shown.finding):
            told = verdict in (Verdict.GAP, Verdict.INCONCLUSIVE)
            self.shown = Case(speaker, trial, file, excerpt(history, speaker) if told else None)


def _badness(finding: Finding) -> tuple[int, float]:
    """Sort key, the worst first: by verdict, then by what was measured (more is worse: words, milliseconds, shares)."""
    return WORST_FIRST.index(finding.verdict), -(finding.value or 0.0)


def _measured(findings: Sequence[Finding]) -> list[tuple[str, float]]:
    """One number a trial: the worst that any device measured."""
    found = [(finding.unit, finding.value) for finding in findings if finding.value is not None]
    return [max(found, key=lambda each: each[1])] if found else []


def _figure(value: float) -> float:
    """As it is written down: a float even where a rule counted in integers, so that reading it back gives the same."""
    return round(float(value), 3)


class Summary:
    """Judgments in the making. `add` every judged trial (twins are not judged), then ask for `judgments`."""

    def __init__(self, rules: Sequence[Rule], scenarios: Sequence[str], replay: Replay) -> None:
        self._rules, self._scenarios, self._replay = tuple(rules), tuple(scenarios), replay
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def add(self, scenario: str, trial: int, file: str, history: History, findings: Iterable[Finding]) -> None:
        """Take one trial's findings. Trials must come in order: the first of equals is the one that is shown."""
        for rule, of_rule in groupby(findings, key=lambda finding: finding.rule):
            self._tallies.setdefault((rule, scenario), _Tally()).add(history, trial, file, list(of_rule))

    def judgments(self) -> tuple[Judgment, ...]:
        """One judgment per rule and scenario, in the order of the rules, then of the scenarios."""
        keys = ((rule, scenario) for rule in self._rules for scenario in self._scenarios)
        found = ((rule, scenario, self._tallies.get((rule.id, scenario))) for rule, scenario in keys)
        return tuple(self._judgment(rule, scenario, tally) for rule, scenario, tally in found if tally is not None)

    def _judgment(self, rule: Rule, scenario: str, tally: _Tally) -> Judgment:
        case = tally.shown
        assert case is not None  # a tally exists only once a trial was added
        finding, conclusive = case.finding, tally.gaps + tally.passes
        values = [value for unit, value in tally.measured if unit == finding.unit]
        low, high = wilson(tally.gaps, conclusive)
        proven = finding.verdict is not Verdict.NOT_APPLICABLE
        return Judgment(
            rule=rule.id,
            scenario=scenario,
            capability=rule.capability,
            severity=rule.severity,
            verdict=finding.verdict,
            why=finding.why,
            device=finding.device,
            gaps=tally.gaps,
            trials=conclusive,
            unproven=tally.unproven,
            low=low,
            high=high,
            value=_figure(median(values)) if values else None,
            unit=finding.unit if values else "",
            spread=(_figure(min(values)), _figure(max(values))) if values else None,
            trial=case.trial if proven else None,
            run=case.file if proven else "",
            evidence=finding.evidence,
            excerpt=case.excerpt,
            replay=self._replay.command(rule.id, scenario, case.trial) if proven else "",
        )
