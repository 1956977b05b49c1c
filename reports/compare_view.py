"""One target before and after, worked out before any format: what every comparison shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.comparison import Change, Comparison, Score
from audit.finding import Severity, Verdict
from audit.result import AuditResult, Judgment

from . import figures
from .text import count
from .verdicts import by_weight, capability_title, rule_info, scenario_title, target_name

NONE = "–"


@dataclass(frozen=True, slots=True)
class Said:
    """What was said then or now: a verdict, in how many trials, and what was measured."""

    verdict: Verdict
    odds: str
    measured: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One rule in one scenario, then and now; None where it was not tested. trend: of a gap that stayed."""

    rule: str
    title: str
    scenario: str
    scenario_title: str
    severity: Severity
    old: Said | None
    new: Said | None
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together. said: what they have in common, in a sentence."""

    id: str
    title: str
    said: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View:
    """names: the old one and the new one, to tell them apart by. scores: (label, old, new, difference)."""

    target: str
    names: tuple[str, str]
    old: AuditResult
    new: AuditResult
    headline: str
    notes: tuple[str, ...]
    scores: tuple[tuple[str, str, str, str], ...]
    sections: tuple[Section, ...]
    measured: tuple[Line, ...]
    unchanged: int


def view(found: Comparison) -> View:
    """Everything that is shown of a comparison, the heaviest rule first within each section."""
    stayed = [each for each in found.of("same") if each.new.verdict is Verdict.GAP]
    sections = (
        Section("worse", "Worse", "Broken now, or no longer proven.", _lines(found, found.of("worse"))),
        Section("better", "Better", "Kept now, or proven at last.", _lines(found, found.of("better"))),
        Section("stayed", "Still broken", "A gap then and now.", _lines(found, stayed)),
        Section(
            "changed",
            "Came to apply, or no longer does",
            "Neither better nor worse.",
            _lines(found, found.of("changed")),
        ),
        Section("only-new", "Tested by the new one only", "There is no before.", _alone(found.new, found.only_new)),
        Section("only-old", "Tested by the old one only", "Not known any more.", _alone(found.old, found.only_old)),
    )
    return View(
        target=target_name(found.new),
        names=(f"then ({found.old.created})", f"now ({found.new.created})"),
        old=found.old,
        new=found.new,
        headline=_headline(found),
        notes=found.notes,
        scores=_scores(found),
        sections=tuple(section for section in sections if section.lines),
        measured=tuple(_line(found, each) for each in found.measured),
        unchanged=len(found.of("same")) - len(stayed),
    )


def _headline(found: Comparison) -> str:
    told = [f"{len(lines)} {kind}" for kind in ("worse", "better") if (lines := found.of(kind))]
    stayed = sum(each.new.verdict is Verdict.GAP for each in found.of("same"))
    told += [f"{count(stayed, 'gap')} still there"] if stayed else []
    compared = f"Of {count(len(found.changes), 'judgment')} that both made"
    return f"{compared}: {', '.join(told)}." if told else f"{compared}, none differs."


def _scores(found: Comparison) -> tuple[tuple[str, str, str, str], ...]:
    old, new = found.old.verdict, found.new.verdict
    change = "" if old.letter == new.letter else f"{old.letter} → {new.letter}"
    mean = ("Mean", _number(old.score), _number(new.score), _difference(old.score, new.score))
    return (("Grade", old.letter, new.letter, change), *map(_score, found.scores), mean)


def _score(score: Score) -> tuple[str, str, str, str]:
    both = score.old, score.new
    shown_old, shown_new = (figures.ranged(each) if each else NONE for each in both)
    old, new = (each.score if each else None for each in both)
    return capability_title(score.capability), shown_old, shown_new, _difference(old, new)


def _number(score: float | None) -> str:
    return NONE if score is None else f"{score:.1f}"


def _difference(old: float | None, new: float | None) -> str:
    if old is None or new is None:
        return ""
    return f"{new - old:+.1f}" if round(new - old, 1) else "±0"


def _lines(found: Comparison, changes: Iterable[Change]) -> tuple[Line, ...]:
    return tuple(_line(found, each) for each in sorted(changes, key=lambda each: by_weight(each.new)))


def _line(found: Comparison, change: Change) -> Line:
    trend = "more often" if change.likelier else "less often" if change.rarer else ""
    return _told(found.new, change.new, _said(change.old), _said(change.new), trend)


def _alone(result: AuditResult, found: Iterable[Judgment]) -> tuple[Line, ...]:
    """What one of the two tested. Which one it was, the section says."""
    return tuple(_told(result, each, None, _said(each)) for each in sorted(found, key=by_weight))


def _told(result: AuditResult, found: Judgment, old: Said | None, new: Said | None, trend: str = "") -> Line:
    return Line(
        rule=found.rule,
        title=rule_info(result, found).title,
        scenario=found.scenario,
        scenario_title=scenario_title(result, found.scenario),
        severity=found.severity,
        old=old,
        new=new,
        trend=trend,
    )


def _said(found: Judgment) -> Said:
    odds = figures.odds(found) if found.verdict is Verdict.GAP else ""
    return Said(found.verdict, odds, figures.measured(found), found.why)
