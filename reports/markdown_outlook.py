"""The plan, what was refuted, and both designs, for the Markdown summary."""

from __future__ import annotations

from collections.abc import Iterator

from audit.outlook import Drawing
from audit.result import AuditResult

from .claims import refuted
from .diagram_text import drawn
from .markup import plain, row
from .plan import leads_to
from .text import count, visible

_MOST_STEPS = 12
_MOST_CLAIMS = 8
_MOST_MOVES = 12
_NAME = 80
_HARMLESS = str.maketrans({"`": "'", "<": "\u2039"})


def lines(result: AuditResult) -> Iterator[str]:
    """Sections for what there is of it; nothing where nothing broke."""
    yield from _plan(result)
    yield from _refuted(result)
    yield from _design(result)


def _plan(result: AuditResult) -> Iterator[str]:
    if not result.plan:
        return
    yield from ("", "### The way out, cheapest first", "")
    yield row("", "Effort", "Step", "Closes", "Grade then")
    yield row(*["---"] * 5)
    for number, step in enumerate(result.plan[:_MOST_STEPS], 1):
        closes = count(len(step.closes), "gap")
        yield row(str(number), plain(step.effort, _NAME), plain(step.action), closes, plain(leads_to(step)))


def _refuted(result: AuditResult) -> Iterator[str]:
    found = refuted(result)[:_MOST_CLAIMS]
    if found:
        yield from ("", "### Declared, and refuted", "")
    for claim in found:
        yield f"- **{plain(claim.key, _NAME)}** = {plain(claim.declared, _NAME)}: {plain(claim.measured)}"


def _design(result: AuditResult) -> Iterator[str]:
    if result.design is None or result.design.proposed is None:
        return
    yield from ("", "### Today's design, and the next one", "", "```text")
    yield from _picture(result.design.today)
    yield ""
    yield from _picture(result.design.proposed)
    yield from ("```", "", plain(result.design.transport, 400), "")
    for number, move in enumerate(result.design.moves[:_MOST_MOVES], 1):
        yield f"{number}. **{plain(move.title, _NAME)}**: {plain(move.does, 400)}"


def _picture(drawing: Drawing) -> Iterator[str]:
    """Inside a fence: only a backtick could end it, and what shows no fence might see markup."""
    for line in (visible(drawing.title, _NAME), *drawn(drawing)):
        yield line.translate(_HARMLESS)
