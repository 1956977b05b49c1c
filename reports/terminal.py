"""The summary on the console: the grade, three scores, the gaps worst first, and how much is not known."""

from __future__ import annotations

from collections.abc import Iterator

from audit.contract import CAPABILITY_TITLES
from audit.finding import Verdict
from audit.result import AuditResult, CapabilityScore, Judgment

from . import baselines, figures
from .console import WIDTH, Console
from .text import columns, count, fit, visible
from .untested import unknown
from .verdicts import SYMBOLS, WORDS, target_name, with_verdict

_BAR = 20


def summary(result: AuditResult, width: int = WIDTH, color: bool = False) -> str:
    """Plain text, no line wider than `width` columns (at least 40), with ANSI colors only when asked for.

    Control characters in a target's words are spelled out, so nothing it says can steer the terminal. The caller adds
    where the full report is.
    """
    return "\n".join(_Summary(width, color).lines(result)) + "\n"


class _Summary(Console):
    def lines(self, result: AuditResult) -> Iterator[str]:
        yield from self._grade(result)
        yield ""
        for capability, title in CAPABILITY_TITLES.items():
            if capability in result.scores:
                yield self._score(title, result.scores[capability])
        yield ""
        yield from self._gaps(result, with_verdict(result, Verdict.GAP))
        yield from self._open(result)
        yield from self._raises(result)

    def _grade(self, result: AuditResult) -> Iterator[str]:
        letter = visible(result.verdict.letter, 4)
        yield self.paint("bold", self.cut(f"{visible(target_name(result), 60)}: grade {letter}"))
        yield from self.wrap(result.verdict.meaning)
        for cap in result.verdict.caps:
            yield from self.wrap(f"At most {cap.letter}: {cap.because} ({cap.rule}).", "  ")
        if result.partial:
            yield from self.wrap(f"Partial: {result.partial}", "  ")

    def _score(self, title: str, found: CapabilityScore) -> str:
        filled = 0 if found.score is None else round(found.score / 100 * _BAR)
        bar = "█" * filled + "░" * (_BAR - filled) if self.width >= 60 else ""
        ranged = f"({figures.span(found)})" if figures.span(found) else ""
        return self.cut(f"  {title:<26} {figures.score(found.score):>4}  {bar}  {ranged}".rstrip())

    def _gaps(self, result: AuditResult, found: tuple[Judgment, ...]) -> Iterator[str]:
        if not found:
            yield "No gap was found."
            return
        yield f"{count(len(found), 'gap')}, worst first:"
        names = [visible(f"{gap.rule} @ {gap.scenario}", 48) for gap in found]
        widest = min(max(map(columns, names)), self.width // 2)
        for gap, name in zip(found, names, strict=True):
            shown = fit(name, widest)
            head = f"  {SYMBOLS[Verdict.GAP]} {gap.severity:<8} {shown}{' ' * (widest - columns(shown))}"
            line = self.cut(f"{head} {figures.odds(gap):<15} {visible(gap.why, 200)}".rstrip())
            yield self.paint(Verdict.GAP, line[: len(head)]) + line[len(head) :]
            if note := baselines.note(result, gap):
                yield from self.wrap(note, "      ")
        if told := baselines.counted(result):
            yield from self.wrap(f"{told}.", "  ")

    def _open(self, result: AuditResult) -> Iterator[str]:
        for verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.PASS):
            found = sum(judgment.verdict is verdict for judgment in result.findings)
            if found:
                yield self.paint(verdict, f"  {SYMBOLS[verdict]} {found} {WORDS[verdict]}")
        left = unknown(result)
        if left.untested:
            yield f"  {SYMBOLS[Verdict.NOT_APPLICABLE]} {count(len(left.untested), 'thing')} not tested at all"
        if left.undeclared:
            yield f"  {SYMBOLS[Verdict.INCONCLUSIVE]} {count(len(left.undeclared), 'promise')} not declared either way"
        for sentence in baselines.repeats(result):
            yield from self.wrap(sentence, "  ")

    def _raises(self, result: AuditResult) -> Iterator[str]:
        if result.verdict.raises:
            yield ""
            yield "What would raise this grade:"
            for step in result.verdict.raises:
                yield from self.wrap(step, "  - ", "    ")
