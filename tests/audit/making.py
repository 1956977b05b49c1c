"""Small rules, judgments and results for the tests of everything that comes after the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.checks.base import Rule
from audit.contract import RESILIENT_DELIVERY
from audit.finding import Finding, Severity, Verdict
from audit.history import History
from audit.result import Excerpt, Judgment, Remedy
from audit.run import RunMeta

REMEDY = Remedy("Do it right.", "It works.", "An afternoon.", "endpoint")


def rule(id: str, *findings: Finding, capability: str = RESILIENT_DELIVERY, severity: str = "critical") -> Rule:
    """A rule that says the same of every history."""

    def judge(history: History) -> Iterator[Finding]:
        yield from findings

    return Rule(
        id=id,
        capability=capability,
        severity=Severity(severity),
        title=f"Nothing is wrong with {id}",
        truth="It must be so.",
        felt="It hurts.",
        why="It breaks.",
        source=("RFC 9110",),
        remedy=REMEDY,
        judge=judge,
    )


def judgment(rule: str, verdict: str, scenario: str = "network-drop", **changes: Any) -> Judgment:
    """A judgment of that verdict."""
    defaults: dict[str, Any] = {
        "capability": RESILIENT_DELIVERY,
        "severity": Severity.CRITICAL,
        "why": f"phone says {rule}",
    }
    return Judgment(rule=rule, scenario=scenario, verdict=Verdict(verdict), **(defaults | changes))


def shown(*events: tuple[str, str, str, dict[str, Any]]) -> Excerpt:
    """An excerpt of (who, phase, what, value)."""
    return Excerpt(
        tuple(
            {"i": index, "t": index, "who": who, "phase": phase, "what": what, "value": value}
            for index, (who, phase, what, value) in enumerate(events)
        )
    )


def run_meta(**changes: Any) -> RunMeta:
    """A run of one scenario: its twin and two trials."""
    defaults: dict[str, Any] = {
        "created": "2026-11-20T10:07:32Z",
        "argv": ("durable-audit", "run", "chat.toml"),
        "profile": "quick",
        "seed": 7,
        "versions": {"python": "3.11.7"},
        "target": {"name": "Support Chat", "contract": {"disconnect": "continue", "idempotency": "key"}},
        "target_file": "chat.toml",
        "plan": {"network-drop": (0, 1, 2)},
    }
    return RunMeta(**(defaults | changes))
