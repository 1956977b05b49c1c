"""The gaps of one audit as the report tells them: one story a rule, one occurrence a scenario that broke it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from audit.finding import Severity, Verdict
from audit.result import AuditResult, Judgment, RuleInfo

from . import baselines, figures
from .sources import Source, sources
from .text import count
from .timeline import Timeline, timeline
from .verdicts import rule_info, scenario_title, with_verdict

MAX_TIMELINES = 60


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One scenario in which a rule was broken. timeline: None when none is stored or (`undrawn`) the page is full.

    known: until when and who answers for it; empty for a gap that no baseline knows.
    """

    anchor: str
    scenario: str
    title: str
    found: Judgment
    rate: str
    interval: str
    measured: str
    known: str
    timeline: Timeline | None
    undrawn: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A rule that was broken, in every scenario that broke it, the worst first."""

    anchor: str
    rule: str
    info: RuleInfo
    severity: Severity
    sources: tuple[Source, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def where(self) -> str:
        """`3 scenarios`."""
        return count(len(self.occurrences), "scenario")


class Budget:
    """How many timelines may still be drawn, over all the results of a page."""

    def __init__(self, limit: int = MAX_TIMELINES) -> None:
        self.limit = self.left = limit
        self.refused = 0

    def take(self) -> bool:
        """One more? False, and counted, when there is none left."""
        if self.left == 0:
            self.refused += 1
            return False
        self.left -= 1
        return True


def gaps(result: AuditResult, prefix: str, budget: Budget) -> tuple[Gap, ...]:
    """Every broken rule, worst first. Anchors start with `prefix` and hold no text from the result."""
    found = with_verdict(result, Verdict.GAP)
    first = {judgment.rule: place for place, judgment in reversed(list(enumerate(found)))}
    together = sorted(found, key=lambda judgment: first[judgment.rule])
    groups = groupby(together, key=lambda judgment: judgment.rule)
    return tuple(_gap(result, f"{prefix}g{n}", list(group), budget) for n, (_, group) in enumerate(groups, 1))


def places(found: tuple[Gap, ...]) -> Mapping[tuple[str, str], str]:
    """(rule, scenario) → the anchor of its occurrence, for links."""
    return {(gap.rule, at.scenario): at.anchor for gap in found for at in gap.occurrences}


def _gap(result: AuditResult, anchor: str, found: list[Judgment], budget: Budget) -> Gap:
    info = rule_info(result, found[0])
    return Gap(
        anchor=anchor,
        rule=found[0].rule,
        info=info,
        severity=found[0].severity,
        sources=sources(info.source),
        occurrences=tuple(_occurrences(result, anchor, found, budget)),
    )


def _occurrences(result: AuditResult, anchor: str, found: list[Judgment], budget: Budget) -> Iterator[Occurrence]:
    for number, judgment in enumerate(found, 1):
        stored = judgment.excerpt is not None and bool(judgment.excerpt.events)
        drawn = stored and budget.take()
        yield Occurrence(
            anchor=f"{anchor}-{number}",
            scenario=judgment.scenario,
            title=scenario_title(result, judgment.scenario),
            found=judgment,
            rate=figures.rate(judgment),
            interval=figures.interval(judgment),
            measured=figures.measured(judgment),
            known=baselines.note(result, judgment).removeprefix("known "),
            timeline=timeline(judgment.excerpt, judgment.device) if drawn and judgment.excerpt else None,
            undrawn=stored and not drawn,
        )
