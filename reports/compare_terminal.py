"""A comparison of before and after for the console."""

from __future__ import annotations

from collections.abc import Iterator

from audit.comparison import Comparison
from audit.finding import Verdict

from .compare_view import NONE, Line, Said, Section, View, view
from .console import WIDTH, Console
from .text import columns, count, fit, visible
from .verdicts import SYMBOLS, WORDS

_MOST = 30  # lines of a section


def summary(found: Comparison, width: int = WIDTH, color: bool = False) -> str:
    """Plain text, no line wider than `width` columns (at least 40), with ANSI colors only when asked for."""
    return "\n".join(_Summary(width, color).lines(view(found))) + "\n"


class _Summary(Console):
    def lines(self, told: View) -> Iterator[str]:
        yield self.paint("bold", self.cut(f"{visible(told.target, 60)}: {told.names[0]} and {told.names[1]}"))
        yield from self.wrap(told.headline)
        for note in told.notes:
            yield from self.wrap(note, "  ")
        yield ""
        for label, old, new, change in told.scores:
            yield self.cut(f"  {label:<28} {visible(old, 20):>12}  {visible(new, 20):>12}  {change}".rstrip())
        for section in told.sections:
            yield from self._section(section)
        yield from self._measured(told.measured)
        if told.unchanged:
            yield ""
            yield self.cut(f"{count(told.unchanged, 'judgment')} unchanged.")

    def _section(self, section: Section) -> Iterator[str]:
        yield ""
        yield from self.wrap(f"{section.title} ({len(section.lines)}). {section.said}")
        for line in section.lines[:_MOST]:
            head = self._head(line)
            yield self.paint(line.new.verdict, head) if line.new else head
            if line.new and line.new.verdict in (Verdict.GAP, Verdict.INCONCLUSIVE):
                yield from self.wrap(line.new.why, "      ")
        if len(section.lines) > _MOST:
            yield self.cut(f"  and {len(section.lines) - _MOST} more")

    def _head(self, line: Line) -> str:
        before = f"{_word(line.old)} → " if line.old else ""
        trend = f", {line.trend}" if line.trend else ""
        return self.cut(f"  {visible(f'{line.rule} @ {line.scenario}', 60)}: {before}{_word(line.new)}{trend}")

    def _measured(self, lines: tuple[Line, ...]) -> Iterator[str]:
        if not lines:
            return
        yield ""
        yield "Measured, median and range:"
        names = [visible(f"{line.rule} @ {line.scenario}", 48) for line in lines]
        widest = min(max(map(columns, names)), self.width // 2)
        for line, name in zip(lines, names, strict=True):
            shown = fit(name, widest)
            padded = shown + " " * (widest - columns(shown))
            yield self.cut(f"  {padded}  {_measured(line.old):>24}  →  {_measured(line.new)}")


def _word(said: Said | None) -> str:
    if said is None:
        return "not tested"
    return " ".join(part for part in (SYMBOLS[said.verdict], WORDS[said.verdict], said.odds) if part)


def _measured(said: Said | None) -> str:
    return visible(said.measured, 40) if said else NONE
