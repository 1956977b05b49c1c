"""What makes a finished audit pass or fail. Pure: a result and thresholds in, an exit code and a reason out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .baseline import Held
from .finding import Verdict
from .result import AuditResult, Judgment, KnownGap

MET, FAILED, INCONCLUSIVE, STALE, INTERRUPTED = 0, 1, 3, 4, 130
_AT_MOST = 10  # named in a reason; the others are counted


@dataclass(frozen=True, slots=True)
class Gates:
    """fail_under: the lowest mean score that passes (0–100). strict: no gap, and nothing needed may stay unproven.

    With a baseline, only a gap that it does not know fails, and so does an entry whose gap is gone.
    """

    fail_under: float | None = None
    strict: bool = False

    def judge(self, result: AuditResult, held: Held | None = None) -> tuple[int, str]:
        """The exit code of DESIGN's table, the gravest that applies, and every reason, one a line.

        held: the result held to a baseline; None without one.
        """
        if result.partial:
            return INTERRUPTED, result.partial
        if result.verdict.score is None:
            return INCONCLUSIVE, "nothing could be concluded; the report says why for every rule"
        failed = list(self._failed(result, held))
        stale = [_stale(held.stale)] if held and held.stale else []
        if failed or stale:
            return FAILED if failed else STALE, "\n".join(failed + stale)
        gated = self.fail_under is not None or self.strict or held is not None
        return MET, "gates met" if gated else ""

    def _failed(self, result: AuditResult, held: Held | None) -> Iterator[str]:
        score = result.verdict.score or 0.0
        if self.fail_under is not None and score < self.fail_under:
            yield f"score {math.floor(score * 10) / 10:g} is under {self.fail_under:g}"
        gaps = 0 if held else _count(result, Verdict.GAP)
        unproven = _count(result, Verdict.INCONCLUSIVE)
        if self.strict and gaps + unproven:
            yield f"strict: {_gaps(gaps) + ', ' if held is None else ''}{unproven} unproven"
        if held and held.new:
            yield _new(held.new)


def _new(found: Sequence[Judgment]) -> str:
    return f"{_gaps(len(found))} that the baseline does not know: {_named([f'{e.rule}@{e.scenario}' for e in found])}"


def _stale(found: Sequence[KnownGap]) -> str:
    names = _named([f"{entry.rule}@{entry.scenario}" for entry in found])
    many = "entries of the baseline are" if len(found) != 1 else "entry of the baseline is"
    return f"{len(found)} {many} stale, the gap is no longer there: remove {names}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _AT_MOST
    return ", ".join(names[:_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _gaps(number: int) -> str:
    return f"{number} gap{'s' if number != 1 else ''}"


def _count(result: AuditResult, verdict: Verdict) -> int:
    return sum(finding.verdict is verdict for finding in result.findings)
