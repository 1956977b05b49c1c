"""Declared beside measured, as rows: what was refuted first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.finding import Verdict
from audit.outlook import Claim
from audit.result import AuditResult

from .plan import Link, by_rule

STANDINGS = {
    "refuted": (Verdict.GAP, "refuted"),
    "unproven": (Verdict.INCONCLUSIVE, "not proven"),
    "kept": (Verdict.PASS, "kept"),
    "undeclared": (Verdict.NOT_APPLICABLE, "not declared"),
}
MOST = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A claim with the verdict whose mark it carries, the word for it, and links to its evidence."""

    claim: Claim
    verdict: str
    word: str
    evidence: tuple[Link, ...]


def rows(result: AuditResult, anchors: Mapping[tuple[str, str], str]) -> tuple[Row, ...]:
    """Every claim, what was refuted first."""
    order = list(STANDINGS)
    found = sorted(result.claims[:MOST], key=lambda claim: order.index(claim.standing))
    return tuple(_row(claim, anchors) for claim in found)


def refuted(result: AuditResult) -> tuple[Claim, ...]:
    """What the audit found to be untrue."""
    return tuple(claim for claim in result.claims if claim.standing == "refuted")


def _row(claim: Claim, anchors: Mapping[tuple[str, str], str]) -> Row:
    verdict, word = STANDINGS[claim.standing]
    return Row(claim, verdict.value, word, by_rule(claim.evidence, anchors))
