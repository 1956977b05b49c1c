"""Runs rules on one history and keeps them honest. Pure.

What makes a trial unable to prove anything is settled here, once, so that no rule has to think of it: the product does
not need the capability, the fault-free twin failed, the audit itself gave up, the fault left no receipt, or found no
stream that it could have struck. A rule that
breaks says so of itself and accuses nobody (Jepsen's `check-safe`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from .checks.base import Rule
from .checks.oracle import strikes
from .contract import CAPABILITIES, CAPABILITY_TITLES
from .event import Phase
from .finding import Finding, Verdict
from .halves import without_halves
from .history import History

NO_RECEIPT = "The fault left no receipt: it did not happen, so this trial proves nothing."
SPARED = "The stream had ended before the fault could strike."
NO_CASE = "This history holds no case of it."
CUT_SHORT = "This trial was cut short. Up to there: "
PROVEN_BY_PRESENCE = frozenset({"duplication", "order", "text-integrity", "cursor-integrity"})


def judge(history: History, rules: Iterable[Rule], twin_failed: str = "") -> tuple[Finding, ...]:
    """At least one finding per rule, in the order of the rules.

    twin_failed: why the fault-free twin of this scenario failed; empty when it did not. Nothing is then conclusive.
    """
    needs = history.meta.get("needs", CAPABILITIES)
    excuse = twin_failed or _aborted(history) or unstruck(history)
    return tuple(finding for rule in rules for finding in _findings(history, rule, needs, excuse))


def _aborted(history: History) -> str:
    notes = (e for e in history.of("stage") if e.what == "aborted" and e.phase is Phase.NOTE)
    return next((f"The audit gave up on this trial: {str(e.value.get('error', ''))[:200]}." for e in notes), "")


def unstruck(history: History) -> str:
    """Why nothing can be proven by a trial whose fault did not happen; empty when it did, or was not wanted."""
    wanted = history.meta.get("expects_fault") and not history.meta.get("twin")
    return NO_RECEIPT if wanted and not strikes(history) and not _spared(history) else ""


def _spared(history: History) -> bool:
    """A fault was to strike and found no stream; no other one struck."""
    notes = (e for e in history.of("stage") if e.what == "spared" and e.phase is Phase.NOTE)
    return any(notes) and not strikes(history)


def _findings(history: History, rule: Rule, needs: Iterable[str], excuse: str) -> tuple[Finding, ...]:
    if rule.capability not in needs:
        title = CAPABILITY_TITLES.get(rule.capability, rule.capability)
        return (Finding(rule.id, Verdict.NOT_APPLICABLE, f"This product declares that it does not need {title}."),)
    if excuse:
        return (Finding(rule.id, Verdict.INCONCLUSIVE, excuse),)
    try:
        found = tuple(rule.judge(history))
    except Exception as error:  # whatever a rule trips over, the audit goes on and says so
        return (_broken(rule, f"{type(error).__name__}: {error}"),)
    for finding in found:
        if wrong := _wrong(finding, rule, len(history.events)):
            return (_broken(rule, wrong),)
    told = tuple(replace(finding, why=without_halves(finding.why)) for finding in found)
    told = told or (Finding(rule.id, Verdict.NOT_APPLICABLE, NO_CASE),)
    told = tuple(map(_without_fault, told)) if _spared(history) else told
    return told if history.whole else tuple(_so_far(finding) for finding in told)


def _without_fault(finding: Finding) -> Finding:
    """What was kept without a fault says nothing of faults; what was broken without one is broken all the same."""
    passed = finding.verdict is Verdict.PASS
    return Finding(finding.rule, Verdict.NOT_APPLICABLE, SPARED, finding.device) if passed else finding


def _so_far(finding: Finding) -> Finding:
    """A trial that we cut short proves what it shows, but not that something never came."""
    shown = finding.verdict is Verdict.GAP and finding.rule in PROVEN_BY_PRESENCE
    if shown or finding.verdict is Verdict.NOT_APPLICABLE:
        return finding
    return replace(finding, verdict=Verdict.INCONCLUSIVE, why=CUT_SHORT + finding.why)


def _broken(rule: Rule, what: str) -> Finding:
    return Finding(rule.id, Verdict.INCONCLUSIVE, f"The rule {rule.id} itself broke on this history ({what[:200]}).")


def _wrong(finding: Finding, rule: Rule, events: int) -> str:
    """What a finding promises and does not keep; empty when it is sound."""
    if finding.rule != rule.id:
        return f"it spoke as {finding.rule!r}"
    if not finding.why:
        return "it gave no reason"
    if finding.verdict is Verdict.GAP and not finding.evidence:
        return "it found a gap and gave no evidence"
    if any(index not in range(events) for index in finding.evidence):
        return f"its evidence names an event outside the history's {events}"
    if finding.value is not None and not math.isfinite(finding.value):
        return f"it measured {finding.value}"
    return ""
