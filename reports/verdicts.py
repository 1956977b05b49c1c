"""How verdicts and severities are shown and ordered, the same in every report: never by color alone."""

from __future__ import annotations

from collections.abc import Iterable

from audit.contract import CAPABILITIES, CAPABILITY_TITLES
from audit.finding import Severity, Verdict
from audit.result import AuditResult, Judgment, Remedy, RuleInfo

SYMBOLS = {Verdict.GAP: "✗", Verdict.INCONCLUSIVE: "?", Verdict.PASS: "✓", Verdict.NOT_APPLICABLE: "–"}
WORDS = {
    Verdict.GAP: "gap",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "not applicable",
}
_WORST_FIRST = tuple(SYMBOLS)
_NO_REMEDY = Remedy(action="", gain="", cost="", effort="")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for many: a gap anywhere is a gap, then inconclusive, then pass. Empty: not applicable."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.NOT_APPLICABLE)


def with_verdict(result: AuditResult, *wanted: Verdict) -> tuple[Judgment, ...]:
    """The judgments that came out so, worst first."""
    return tuple(sorted((found for found in result.findings if found.verdict in wanted), key=by_weight))


def by_weight(found: Judgment) -> tuple[float, float, int, str, str]:
    """Sort key: the heaviest rule first, then the most certain gap, then in the order of the capabilities."""
    return (-found.severity.weight, -found.low, capability_order(found.capability), found.rule, found.scenario)


def capability_order(capability: str) -> int:
    """Place of a capability in every table; unknown ones come last."""
    return CAPABILITIES.index(capability) if capability in CAPABILITIES else len(CAPABILITIES)


def capabilities(results: Iterable[AuditResult]) -> tuple[str, ...]:
    """The three capabilities, and after them any that only these results know of."""
    others = {found.capability for result in results for found in result.findings} - set(CAPABILITIES)
    return (*CAPABILITIES, *sorted(others))


def capability_title(capability: str) -> str:
    """What people call a capability."""
    return CAPABILITY_TITLES.get(capability, capability)


def rule_info(result: AuditResult, found: Judgment) -> RuleInfo:
    """The words of a rule. A result that lacks them (another tool wrote it) is shown with the rule's bare id."""
    return result.rules.get(found.rule) or RuleInfo(
        title=found.rule,
        capability=found.capability,
        severity=found.severity,
        truth="",
        felt="",
        why="",
        source=(),
        remedy=_NO_REMEDY,
    )


def scenario_title(result: AuditResult, scenario: str) -> str:
    """What a scenario is called, or its id."""
    known = result.scenarios.get(scenario)
    return known.title if known and known.title else scenario


def severities() -> tuple[Severity, ...]:
    """Heaviest first."""
    return tuple(sorted(Severity, key=lambda severity: -severity.weight))


def target_name(result: AuditResult) -> str:
    """The target's name as its file gives it."""
    return str(result.target.get("name") or "unnamed target")
