"""What makes a finished audit pass or fail. Pure: a result and thresholds in, an exit code and a reason out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .finding import Verdict
from .result import AuditResult

MET, FAILED, INCONCLUSIVE, INTERRUPTED = 0, 1, 3, 130


@dataclass(frozen=True, slots=True)
class Gates:
    """fail_under: the lowest mean score that passes (0–100). strict: no gap, and nothing needed may stay unproven."""

    fail_under: float | None = None
    strict: bool = False

    def judge(self, result: AuditResult) -> tuple[int, str]:
        """The exit code of DESIGN's table and the reason for it; the first that applies, the gravest first."""
        if result.partial:
            return INTERRUPTED, result.partial
        score = result.verdict.score
        if score is None:
            return INCONCLUSIVE, "nothing could be concluded; the report says why for every rule"
        if self.fail_under is not None and score < self.fail_under:
            return FAILED, f"score {math.floor(score * 10) / 10:g} is under {self.fail_under:g}"
        gaps, unproven = _count(result, Verdict.GAP), _count(result, Verdict.INCONCLUSIVE)
        if self.strict and gaps + unproven:
            return FAILED, f"strict: {gaps} gap{'s' if gaps != 1 else ''}, {unproven} unproven"
        return MET, "gates met" if self.fail_under is not None or self.strict else ""


def _count(result: AuditResult, verdict: Verdict) -> int:
    return sum(finding.verdict is verdict for finding in result.findings)
