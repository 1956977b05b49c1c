"""One trial played again: what was said of it then and now, side by side, for the console."""

from __future__ import annotations

from collections.abc import Iterator

from audit.finding import Verdict
from audit.replay import Pair, Replayed
from audit.result import AuditResult, Judgment

from . import figures
from .console import WIDTH, Console
from .text import count, visible
from .verdicts import SYMBOLS, WORDS

_CELL = 34
_QUIET = (Verdict.PASS, Verdict.NOT_APPLICABLE)


def summary(found: Replayed, old: AuditResult, new: AuditResult, width: int = WIDTH, color: bool = False) -> str:
    """Plain text, no line wider than `width` columns (at least 40), with ANSI colors only when asked for."""
    return "\n".join(_Summary(width, color).lines(found, old, new)) + "\n"


class _Summary(Console):
    def lines(self, found: Replayed, old: AuditResult, new: AuditResult) -> Iterator[str]:
        case = found.case
        trial = visible(f"{case.scenario}, trial {case.trial}, seed {new.seed}", 80)
        yield self.paint("bold", self.cut(f"{trial}: then ({old.created}) and now ({new.created})"))
        if new.partial:
            yield from self.wrap(f"Partial: {new.partial}", "  ")
        for change in found.changed:
            yield from self.wrap(f"Declared differently since: {change}", "  ")
        yield ""
        wanted = [pair for pair in found.pairs if pair.rule == case.rule]
        others = [pair for pair in found.pairs if pair.rule != case.rule]
        loud = [pair for pair in others if not _quiet(pair)]
        for pair in (*wanted, *loud):
            yield from self._pair(pair)
        if quiet := len(others) - len(loud):
            yield self.cut(f"  {count(quiet, 'other rule')}: kept both times, or not applicable")

    def _pair(self, pair: Pair) -> Iterator[str]:
        rule = visible(pair.rule, 24)
        yield self.cut(f"  {rule:<20} {_word(pair.old):<{_CELL}} → {_word(pair.new)}")
        for name, said in (("then", pair.old), ("now", pair.new)):
            if said is not None and said.verdict not in _QUIET:
                yield from self.wrap(said.why, f"      {name + ':':<6}", " " * 12)


def _quiet(pair: Pair) -> bool:
    return all(said is not None and said.verdict in _QUIET for said in (pair.old, pair.new))


def _word(said: Judgment | None) -> str:
    if said is None:
        return "not judged"
    parts = (SYMBOLS[said.verdict], WORDS[said.verdict], figures.measured(said) if said.value else "")
    return " ".join(part for part in parts if part)
