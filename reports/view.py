"""What the gap report shows, worked out before any template: the audited target first, the others beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.contract import CAPABILITY_TITLES
from audit.finding import Severity, Verdict
from audit.result import AuditResult

from .chapter import Chapter, chapter
from .compare import Comparison, compare, score_cells
from .gaps import Budget
from .glyphs import LEGEND
from .verdicts import SYMBOLS, WORDS, severities, target_name


@dataclass(frozen=True, slots=True)
class Page:
    """subject: the target under audit; others: the reference and whatever else was audited the same way."""

    title: str
    subject: Chapter
    others: tuple[Chapter, ...]
    names: tuple[str, ...]
    comparison: Comparison
    scores: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    undrawn: int
    most_drawn: int
    severities: tuple[Severity, ...]
    legend: dict[str, str]
    symbols: dict[str, str]
    words: dict[str, str]

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """All of them, the subject first."""
        return (self.subject, *self.others)


def page(results: Sequence[AuditResult]) -> Page:
    """Build the view of one or several results; ValueError when there is none."""
    if not results:
        raise ValueError("a report needs at least one result")
    budget = Budget()
    subject, *others = (chapter(result, f"t{number}", budget) for number, result in enumerate(results, 1))
    return Page(
        title=f"Gap report: {subject.name}",
        subject=subject,
        others=tuple(others),
        names=_names(results),
        comparison=compare(results),
        scores=tuple((title, score_cells(results, key)) for key, title in CAPABILITY_TITLES.items()),
        undrawn=budget.refused,
        most_drawn=budget.limit,
        severities=severities(),
        legend=LEGEND,
        symbols={verdict.value: SYMBOLS[verdict] for verdict in Verdict},
        words={verdict.value: WORDS[verdict] for verdict in Verdict},
    )


def _names(results: Sequence[AuditResult]) -> tuple[str, ...]:
    """Names to tell the columns apart by: with the date where two audits are of the same target."""
    plain = [target_name(result) for result in results]
    return tuple(
        f"{name} ({result.created})" if plain.count(name) > 1 else name
        for name, result in zip(plain, results, strict=True)
    )
