"""Holding an audit to the gaps that are known: what is new, what is known, and what is known but gone. Pure.

A baseline lets a team adopt the audit before every gap is closed: what somebody answers for does not fail a build,
anything else does, and an entry whose gap is closed has to go, or it would let the gap come back unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from .checks.base import Rule
from .finding import Verdict
from .result import AuditResult, Judgment, KnownGap
from .scenario import PROFILES

ANYWHERE = "*"
_GONE = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})

Where: TypeAlias = Mapping[str, Sequence[str]]
"""Rule id → ids of the scenarios that judge it."""


class Judging(Protocol):
    """What is needed of `audit.scenario.Scenario` here."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def checks(self) -> tuple[Rule, ...]: ...  # noqa: D102


def judged_by(scenarios: Iterable[Judging]) -> Where:
    """Which scenarios judge a rule."""
    found: dict[str, list[str]] = {}
    for scenario in scenarios:
        for rule in scenario.checks:
            found.setdefault(rule.id, []).append(scenario.id)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A result held to a baseline.

    new: gaps that no entry covers. known: entries whose gap was found again. stale: entries whose gap is no longer
    there. An entry that could not be tested this time is neither known nor stale.
    """

    new: tuple[Judgment, ...]
    known: tuple[KnownGap, ...]
    stale: tuple[KnownGap, ...]


def hold(result: AuditResult, baseline: Sequence[KnownGap], where: Where) -> Held:
    """What the baseline makes of a result. where: which scenarios judge a rule, for entries about all of them."""
    gaps = [found for found in result.findings if found.verdict is Verdict.GAP]
    tested = _tested(result)
    return Held(
        new=tuple(found for found in gaps if not any(covers(entry, found) for entry in baseline)),
        known=tuple(entry for entry in baseline if any(covers(entry, found) for found in gaps)),
        stale=tuple(entry for entry in baseline if _is_gone(entry, result, tested, where)),
    )


def marked(result: AuditResult, held: Held) -> AuditResult:
    """The result with the entries that it confirms, for its reports. Scores stay as they are."""
    return replace(result, known=held.known)


def covers(entry: KnownGap, found: Judgment) -> bool:
    """Is this the gap that the entry answers for?"""
    return entry.rule == found.rule and entry.scenario in (ANYWHERE, found.scenario)


def known(found: Judgment, entries: Iterable[KnownGap]) -> KnownGap | None:
    """The entry that answers for a gap, one that names its scenario before one that names none; None for no gap."""
    fitting = [entry for entry in entries if found.verdict is Verdict.GAP and covers(entry, found)]
    return min(fitting, key=lambda entry: entry.scenario == ANYWHERE, default=None)


def _tested(result: AuditResult) -> frozenset[str]:
    """Scenarios of which as many trials were judged as the profile wants: fewer may have missed a rare gap."""
    trials = Counter(run.scenario for run in result.runs if not run.twin)
    return frozenset(scenario for scenario, number in trials.items() if number >= PROFILES.get(result.profile, 1))


def _is_gone(entry: KnownGap, result: AuditResult, tested: frozenset[str], where: Where) -> bool:
    """Everywhere the entry speaks of was tested, and nothing but passes, or what no longer applies, came of it."""
    left_out = {each.what for each in result.untested}
    wanted = set(where.get(entry.rule, ())) - left_out if entry.scenario == ANYWHERE else {entry.scenario}
    found = {each.scenario: each.verdict for each in result.findings if covers(entry, each)}
    return bool(found) and wanted <= tested and wanted <= found.keys() and _GONE.issuperset(found.values())
