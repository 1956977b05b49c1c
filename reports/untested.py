"""What the audit does not know: what could not be proven, what does not apply, what the target never promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.contract import Contract
from audit.finding import Verdict
from audit.result import AuditResult, Judgment, Untested

from .verdicts import rule_info, scenario_title, with_verdict

_PROMISES = {
    "disconnect": "what a lost connection does to the answer (disconnect)",
    "concurrent_send": "what happens to a prompt sent while an answer is going on (concurrent_send)",
    "retention_s": "how long a device may stay away and still resume (retention_s)",
    "idempotency": "whether a prompt sent twice makes one answer (idempotency)",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and all that it kept from being judged: (rule title, titles of the scenarios)."""

    why: str
    what: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer to "what does this report not tell me?"."""

    inconclusive: tuple[Reason, ...]
    not_applicable: tuple[Reason, ...]
    untested: tuple[Untested, ...]
    undeclared: tuple[str, ...]
    partial: str

    @property
    def empty(self) -> bool:
        """True when everything was tested, proven and declared."""
        return not any((self.inconclusive, self.not_applicable, self.untested, self.undeclared, self.partial))


def unknown(result: AuditResult) -> Unknown:
    """Everything that a result leaves open, grouped by reason."""
    return Unknown(
        inconclusive=_reasons(result, with_verdict(result, Verdict.INCONCLUSIVE)),
        not_applicable=_reasons(result, with_verdict(result, Verdict.NOT_APPLICABLE)),
        untested=result.untested,
        undeclared=undeclared(result),
        partial=result.partial,
    )


def undeclared(result: AuditResult) -> tuple[str, ...]:
    """The promises that the target makes neither way, in words."""
    told = result.target.get("contract")
    declared = told if isinstance(told, dict) else {}
    return tuple(_PROMISES.get(name, name) for name in Contract().undeclared() if declared.get(name) is None)


def _reasons(result: AuditResult, found: Iterable[Judgment]) -> tuple[Reason, ...]:
    by_reason: dict[str, dict[str, list[str]]] = {}
    for one in found:
        rules = by_reason.setdefault(one.why, {})
        rules.setdefault(rule_info(result, one).title, []).append(scenario_title(result, one.scenario))
    return tuple(
        Reason(why, tuple((rule, tuple(scenarios)) for rule, scenarios in rules.items()))
        for why, rules in by_reason.items()
    )
