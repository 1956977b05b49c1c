"""Targets side by side: scores, grades, and rule by rule who keeps which promise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.finding import Severity, Verdict
from audit.result import AuditResult, Judgment

from . import figures
from .verdicts import capabilities, capability_title, rule_info, worst

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one rule came to on one target. verdict: None when it was not run there. detail: `2 of 5` scenarios."""

    verdict: Verdict | None
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule on every target. quiet: nobody has a gap and nothing was left open."""

    rule: str
    title: str
    severity: Severity
    cells: tuple[Cell, ...]
    quiet: bool


@dataclass(frozen=True, slots=True)
class Block:
    """The rules of one capability."""

    title: str
    rows: tuple[Row, ...]
    quiet: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """blocks: the matrix. warnings: why these audits do not compare as they stand."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...]


def compare(results: Sequence[AuditResult]) -> Comparison:
    """Every rule that any of the results judged, heaviest first within its capability."""
    rows = [_row(found, results) for found in _rules(results)]
    blocks = [_block(capability, rows) for capability in capabilities(results)]
    return Comparison(tuple(block for block in blocks if block.rows or block.quiet), tuple(_warnings(results)))


def _block(capability: str, rows: Sequence[tuple[str, Row]]) -> Block:
    here = [row for judged, row in rows if judged == capability]
    loud, quiet = ([row for row in here if row.quiet is wanted] for wanted in (False, True))
    return Block(capability_title(capability), tuple(loud), tuple(quiet))


def _rules(results: Sequence[AuditResult]) -> list[tuple[AuditResult, Judgment]]:
    """One judgment for each rule, to know its title, capability and severity by."""
    first: dict[str, tuple[AuditResult, Judgment]] = {}
    for result in results:
        for found in result.findings:
            first.setdefault(found.rule, (result, found))
    return sorted(first.values(), key=lambda one: (-one[1].severity.weight, one[1].rule))


def _row(known: tuple[AuditResult, Judgment], results: Sequence[AuditResult]) -> tuple[str, Row]:
    result, found = known
    cells = tuple(_cell(one, found.rule) for one in results)
    quiet = all(cell.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) for cell in cells)
    return found.capability, Row(found.rule, rule_info(result, found).title, found.severity, cells, quiet)


def _cell(result: AuditResult, rule: str) -> Cell:
    found = [judgment.verdict for judgment in result.findings if judgment.rule == rule]
    if not found:
        return Cell(None, NOT_RUN)
    verdict = worst(found)
    where = f"{found.count(verdict)} of {len(found)}" if len(found) > 1 else ""
    return Cell(verdict, where)


def _warnings(results: Sequence[AuditResult]) -> Iterable[str]:
    asked = {
        "rule sets": {result.ruleset for result in results},
        "profiles": {result.profile for result in results},
        "seeds": {str(result.seed) for result in results},
    }
    for what, values in asked.items():
        if len(values) > 1:
            listed = ", ".join(sorted(values))
            yield f"These audits used different {what} ({listed}), so their scores compare only roughly."


def score_cells(results: Sequence[AuditResult], capability: str) -> tuple[tuple[str, str], ...]:
    """(score, range) of one capability on every target; the range is empty when the score is exact."""
    found = [result.scores.get(capability) for result in results]
    return tuple((figures.score(one.score), figures.span(one)) if one else ("?", "") for one in found)
