"""The way out, cheapest first: what the diagnoses prescribe, and what is left for rules that no diagnosis explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.result import AuditResult, Remedy

from .gaps import Gap

EFFORTS = ("configuration", "endpoint", "transport", "session layer")
EFFORT_MEANS = {
    "configuration": "a setting or a header; no code of yours changes",
    "endpoint": "a new or corrected endpoint on the server you have",
    "transport": "another way for devices and server to talk",
    "session layer": "the session becomes a log of its own that agents write and devices read",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Something on this page: its name and its anchor."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Action:
    """A remedy and the diagnoses and gaps that it addresses."""

    remedy: Remedy
    addresses: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """All actions of one effort."""

    effort: str
    means: str
    actions: tuple[Action, ...]


def plan(result: AuditResult, gaps: Sequence[Gap], prefix: str) -> tuple[Stage, ...]:
    """Stages with something to do, cheapest first; within one, what addresses most comes first."""
    addresses: dict[Remedy, list[Link]] = {}
    for remedy, link in _prescribed(result, gaps, prefix):
        links = addresses.setdefault(remedy, [])
        if link not in links:
            links.append(link)
    actions = [Action(remedy, tuple(links)) for remedy, links in addresses.items() if remedy.action]
    efforts = sorted({action.remedy.effort for action in actions}, key=effort_order)
    return tuple(Stage(effort, EFFORT_MEANS.get(effort, ""), _of(effort, actions)) for effort in efforts)


def effort_order(effort: str) -> tuple[int, str]:
    """Cheapest first; an effort this report does not know comes last."""
    return (EFFORTS.index(effort) if effort in EFFORTS else len(EFFORTS), effort)


def _of(effort: str, actions: Sequence[Action]) -> tuple[Action, ...]:
    found = [action for action in actions if action.remedy.effort == effort]
    return tuple(sorted(found, key=lambda action: -len(action.addresses)))


def _prescribed(result: AuditResult, gaps: Sequence[Gap], prefix: str) -> Iterator[tuple[Remedy, Link]]:
    for number, diagnosis in enumerate(result.diagnoses, 1):
        for remedy in diagnosis.remedies:
            yield remedy, Link(diagnosis.title, f"{prefix}d{number}")
    explained = {cited.partition("@")[0] for diagnosis in result.diagnoses for cited in diagnosis.proof}
    for gap in gaps:
        if gap.rule not in explained:
            yield gap.info.remedy, Link(gap.info.title, gap.anchor)
