"""What the rules of a load found, for reports. A void run proves nothing, and the rules say so themselves."""

from __future__ import annotations

from dataclasses import dataclass

from audit.finding import Verdict
from audit.load.result import LoadResult
from audit.load.rules import LOAD_RULES

from .text import visible
from .verdicts import WORDS


@dataclass(frozen=True, slots=True)
class RuleFound:
    """One rule: its id and title, how it came out, and why."""

    id: str
    title: str
    severity: str
    verdict: Verdict
    word: str
    why: str
    remedy: str


def found(result: LoadResult) -> tuple[RuleFound, ...]:
    """Every rule that this load could say something of: one that does not apply is left out."""
    findings = ((rule, rule.judge(result)) for rule in LOAD_RULES)
    return tuple(
        RuleFound(
            id=rule.id,
            title=rule.title,
            severity=rule.severity.value,
            verdict=finding.verdict,
            word=WORDS[finding.verdict],
            why=visible(finding.why, 400),
            remedy=rule.remedy.action if finding.verdict is Verdict.GAP else "",
        )
        for rule, finding in findings
        if finding.verdict is not Verdict.NOT_APPLICABLE
    )
