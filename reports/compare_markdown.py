"""A comparison of before and after in GitHub-flavored Markdown: for a step summary or a comment."""

from __future__ import annotations

from collections.abc import Iterator

from audit.comparison import Comparison

from .compare_view import NONE, Line, Said, Section, View, view
from .markdown import MAX_BYTES
from .markup import plain, row
from .text import count
from .verdicts import SYMBOLS, WORDS

_NAME = 80


def summary(found: Comparison) -> str:
    """Never more than MAX_BYTES of UTF-8: long sections are cut, and say so."""
    told = view(found)
    for most in (30, 10, 5, 0):
        text = "\n".join(_lines(told, most)) + "\n"
        if len(text.encode()) <= MAX_BYTES:
            break
    return text.encode()[:MAX_BYTES].decode(errors="ignore")


def _lines(told: View, most: int) -> Iterator[str]:
    old, new = (plain(result.verdict.letter, 4) for result in (told.old, told.new))
    yield f"## {plain(told.target, _NAME)}: {old} → {new}"
    yield ""
    yield plain(told.headline)
    yield ""
    for note in told.notes:
        yield f"- {plain(note)}"
    if told.notes:
        yield ""
    yield row("", *map(plain, told.names), "")
    yield row("---", "---:", "---:", "---:")
    for label, before, after, change in told.scores:
        yield row(label, plain(before), plain(after), plain(change))
    yield ""
    for section in told.sections:
        yield from _section(section, most)
    yield from _measured(told.measured, most)
    if told.unchanged:
        yield f"{count(told.unchanged, 'judgment')} unchanged."


def _section(section: Section, most: int) -> Iterator[str]:
    yield f"### {section.title} ({len(section.lines)})"
    yield ""
    yield section.said
    yield ""
    if most:
        yield row("Severity", "Rule", "Scenario", "Then", "Now", "What was seen now")
        yield row(*["---"] * 6)
    for line in section.lines[:most]:
        now = _word(line.new) + (f", {line.trend}" if line.trend else "")
        seen = plain(line.new.why) if line.new else ""
        yield row(line.severity, _titled(line), plain(line.scenario, _NAME), _word(line.old), now, seen)
    yield from _more(len(section.lines) - most)


def _measured(lines: tuple[Line, ...], most: int) -> Iterator[str]:
    if not lines:
        return
    yield "### Measured, median and range"
    yield ""
    if most:
        yield row("Rule", "Scenario", "Then", "Now")
        yield row("---", "---", "---:", "---:")
    for line in lines[:most]:
        old, new = (plain(said.measured, 40) if said else NONE for said in (line.old, line.new))
        yield row(_titled(line), plain(line.scenario, _NAME), old, new)
    yield from _more(len(lines) - most)


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield ""
        yield f"… and {number} more."
    yield ""


def _titled(line: Line) -> str:
    return plain(line.title, _NAME)


def _word(said: Said | None) -> str:
    if said is None:
        return NONE
    return " ".join(part for part in (SYMBOLS[said.verdict], WORDS[said.verdict], said.odds) if part)
