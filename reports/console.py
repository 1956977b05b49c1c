"""Lines for a terminal: never wider than it is, colored only when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from audit.finding import Verdict

from .text import columns, fit, visible

WIDTH = 80
_NARROWEST = 40
_CODES = {
    Verdict.GAP: "31",
    Verdict.INCONCLUSIVE: "35",
    Verdict.PASS: "36",
    Verdict.NOT_APPLICABLE: "2",
    "bold": "1",
    "dim": "2",
}


class Console:
    """A terminal of so many columns, at least 40."""

    def __init__(self, width: int, color: bool) -> None:
        self.width, self.color = max(width, _NARROWEST), color

    def wrap(self, text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
        """Break a sentence at blanks into lines that fit."""
        indent = first if rest is None else rest
        line = first
        for word in visible(text, 500).split():
            if columns(line) + columns(word) >= self.width and line.strip(" -"):
                yield self.cut(line.rstrip())
                line = indent
            line += f"{word} "
        yield self.cut(line.rstrip())

    def cut(self, line: str) -> str:
        """One line, no wider than the console."""
        return fit(line, self.width)

    def paint(self, tone: Verdict | str, text: str) -> str:
        """Color a text when colors are wanted."""
        return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if self.color else text
