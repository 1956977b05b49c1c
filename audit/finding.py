"""What a rule says of a history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """pass · gap · inconclusive (needed, but could not be proven) · not_applicable (not needed or not offered)."""

    PASS = "pass"
    GAP = "gap"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a rule weighs. The weights are OpenSSF Scorecard's (10 / 7.5 / 5 / 2.5), and advice weighs nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ADVICE = "advice"

    @property
    def weight(self) -> float:
        """Weight in the mean of a capability."""
        return {"critical": 10.0, "high": 7.5, "medium": 5.0, "low": 2.5, "advice": 0.0}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one device (or of the whole trial) in one history.

    why: one sentence for a reader who sees nothing else; names devices, items and times.
    evidence: indices of the events that prove it, in order; never empty for a gap.
    value, unit: what was measured, where the rule measures.
    of_limit: what was judged, as a share of what is allowed, where there is a threshold: near 1 it was a close call.
    """

    rule: str
    verdict: Verdict
    why: str
    device: str | None = None
    evidence: tuple[int, ...] = ()
    value: float | None = None
    unit: str = ""
    of_limit: float | None = None
