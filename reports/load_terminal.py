"""The summary of a load run on the console: what it comes to, the gates, the delays, the storms."""

from __future__ import annotations

from collections.abc import Iterator

from audit.finding import Verdict
from audit.load.result import LoadResult, Quantiles

from . import load_hooks, load_storms, load_view, load_words
from .console import WIDTH, Console
from .text import count, visible
from .verdicts import SYMBOLS

_MOST_ERRORS = 5
_COLUMN, _SURE = 10, 23  # of a figure alone, and with where it lies
_LABEL = 20


def summary(result: LoadResult, width: int = WIDTH, color: bool = False) -> str:
    """Plain text, no line wider than `width` columns (at least 40), with ANSI colors only when asked for. The caller
    adds where the full report is."""
    return "\n".join(_Summary(width, color).lines(result)) + "\n"


class _Summary(Console):
    def lines(self, result: LoadResult) -> Iterator[str]:
        yield from self._outcome(result)
        yield from self._gates(result)
        yield from self._delays(result)
        yield from self._rest(result)

    def _outcome(self, result: LoadResult) -> Iterator[str]:
        found = load_words.outcome(result)
        first, second = load_words.sentences(result)
        if result.void:
            for line in self.wrap(f"VOID: {result.void}"):
                yield self.paint(Verdict.INCONCLUSIVE, line)
        head = f"{SYMBOLS[found.verdict]} {visible(load_words.name(result), 60)}: {found.word}"
        yield self.paint(found.verdict, self.cut(head))
        yield from self.wrap(first)
        yield from self.wrap(second)
        if result.partial:
            yield from self.wrap(load_words.ended(result))
        yield ""

    def _gates(self, result: LoadResult) -> Iterator[str]:
        for gate in load_view.gates(result):
            mark = f"  {SYMBOLS[gate.verdict]} {gate.word}"
            line = self.cut(f"{mark}: {visible(gate.gate, 80)} ({gate.value})")
            yield self.paint(gate.verdict, line[: len(mark)]) + line[len(mark) :]
        if result.gates:
            yield ""

    def _delays(self, result: LoadResult) -> Iterator[str]:
        measured = list(load_words.measures(result))
        if measured:
            yield self._row("Delays", ("p50", "p95", "p99"))
        for name, found in measured:
            shown = (self._figure(found, share) for share in ("p50", "p95", "p99"))
            yield self._row(visible(load_words.title(name), 40), tuple(shown))

    def _figure(self, found: Quantiles, share: str) -> str:
        """With where it lies, if there is room for that."""
        if self._column == _SURE:
            return load_words.sure_duration(found, share)
        return load_words.duration(getattr(found, share))

    @property
    def _column(self) -> int:
        return _SURE if self.width >= _LABEL + 3 * _SURE else _COLUMN

    def _row(self, label: str, cells: tuple[str, ...]) -> str:
        return self.cut(f"  {label:<18.18}" + "".join(f"{cell:>{self._column}}" for cell in cells))

    def _rest(self, result: LoadResult) -> Iterator[str]:
        for told in (*load_hooks.sentences(result), *load_storms.sentences(result)):
            yield from self.wrap(told, "  ")
        worst = sorted(result.errors.items(), key=lambda error: -error[1])
        for kind, times in worst[:_MOST_ERRORS]:
            yield self.cut(f"  {times:,} × {visible(kind, 120)}")
        if len(worst) > _MOST_ERRORS:
            yield f"  {count(len(worst) - _MOST_ERRORS, 'more kind')} of errors"
