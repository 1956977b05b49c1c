"""The gap map: which rules broke where, scenarios down and capabilities across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.finding import Verdict
from audit.result import AuditResult, Judgment

from . import figures
from .verdicts import by_weight, capabilities, capability_title, rule_info, scenario_title


@dataclass(frozen=True, slots=True)
class Mark:
    """A broken rule in a cell: its name, how often, and where the page tells of it."""

    rule: str
    title: str
    rate: str
    interval: str
    severity: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario × one capability: the gaps by name, the rest as counts."""

    gaps: tuple[Mark, ...]
    inconclusive: int
    passed: int

    @property
    def empty(self) -> bool:
        """True when no rule of the capability had anything to say."""
        return not (self.gaps or self.inconclusive or self.passed)


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario, a cell for each capability. weight: of all its gaps together."""

    scenario: str
    title: str
    why: str
    cells: tuple[Cell, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class GapMap:
    """lines: scenarios with something to tell, the worst first. clean: names of those where all that applied passed."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    clean: tuple[str, ...]


def gap_map(result: AuditResult, anchors: Mapping[tuple[str, str], str]) -> GapMap:
    """Draw the map of one audit. anchors: (rule, scenario) → where the gap is told."""
    columns = capabilities([result])
    scenarios = dict.fromkeys(found.scenario for found in result.findings)
    lines = [_line(result, scenario, columns, anchors) for scenario in scenarios]
    telling = [line for line in lines if any(cell.gaps or cell.inconclusive for cell in line.cells)]
    clean = tuple(line.title for line in lines if line not in telling and any(cell.passed for cell in line.cells))
    heaviest_first = sorted(telling, key=lambda line: -line.weight)
    return GapMap(tuple(map(capability_title, columns)), tuple(heaviest_first), clean)


def _line(result: AuditResult, scenario: str, columns: Sequence[str], anchors: Mapping[tuple[str, str], str]) -> Line:
    found = [judgment for judgment in result.findings if judgment.scenario == scenario]
    broken = [judgment.severity.weight for judgment in found if judgment.verdict is Verdict.GAP]
    told = result.scenarios.get(scenario)
    return Line(
        scenario=scenario,
        title=scenario_title(result, scenario),
        why=told.why if told else "",
        cells=tuple(_cell(result, found, capability, anchors) for capability in columns),
        weight=sum(broken),
    )


def _cell(
    result: AuditResult, found: Sequence[Judgment], capability: str, anchors: Mapping[tuple[str, str], str]
) -> Cell:
    here = [one for one in found if one.capability == capability]
    broken = sorted((one for one in here if one.verdict is Verdict.GAP), key=by_weight)
    return Cell(
        gaps=tuple(_mark(result, one, anchors) for one in broken),
        inconclusive=sum(one.verdict is Verdict.INCONCLUSIVE for one in here),
        passed=sum(one.verdict is Verdict.PASS for one in here),
    )


def _mark(result: AuditResult, found: Judgment, anchors: Mapping[tuple[str, str], str]) -> Mark:
    return Mark(
        rule=found.rule,
        title=rule_info(result, found).title,
        rate=figures.rate(found),
        interval=figures.interval(found),
        severity=found.severity.value,
        anchor=anchors.get((found.rule, found.scenario), ""),
    )
