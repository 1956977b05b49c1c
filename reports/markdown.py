"""The summary for a CI step or a pull request, in GitHub-flavored Markdown.

Small on purpose: a step summary may hold 1 MiB and a comment 65,536 characters, so the gaps are cut to the worst until
everything fits in MAX_BYTES. Texts are escaped: a target can neither draw a table nor mention anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.contract import CAPABILITY_TITLES
from audit.finding import Verdict
from audit.result import AuditResult

from . import baselines, figures, markdown_outlook
from .markup import plain, row
from .text import count
from .untested import unknown
from .verdicts import SYMBOLS, WORDS, rule_info, target_name, with_verdict

MAX_BYTES = 60_000
_MOST_GAPS = 20
_WHY = 240
_NAME = 80


def summary(results: Sequence[AuditResult]) -> str:
    """The first result in full, the others beside it. Never more than MAX_BYTES of UTF-8."""
    for most in (_MOST_GAPS, 10, 5, 0):
        text = "\n".join(_lines(results, most)) + "\n"
        if len(text.encode()) <= MAX_BYTES:
            break
    return text.encode()[:MAX_BYTES].decode(errors="ignore")


def _lines(results: Sequence[AuditResult], most: int) -> Iterator[str]:
    if not results:
        yield "No result."
        return
    subject = results[0]
    letter = plain(subject.verdict.letter, 4)
    yield f"## {plain(target_name(subject), _NAME)}: grade {letter}"
    yield ""
    yield f"**{plain(subject.verdict.meaning)}**"
    yield ""
    for cap in subject.verdict.caps:
        yield f"- At most **{plain(cap.letter, 4)}**: {plain(cap.because)} ({plain(cap.rule, _NAME)})"
    if subject.partial:
        yield f"- Partial audit: {plain(subject.partial)}"
    yield ""
    yield from _scores(results)
    yield from _gaps(subject, most)
    yield from _open(subject)
    yield from _raises(subject)
    if most:  # what is cut first when it gets too long
        yield from markdown_outlook.lines(subject)


def _scores(results: Sequence[AuditResult]) -> Iterator[str]:
    yield row("", *(plain(target_name(result), _NAME) for result in results))
    yield row("---", *("---:" for _ in results))
    yield row("Grade", *(f"**{plain(result.verdict.letter, 4)}**" for result in results))
    for capability, title in CAPABILITY_TITLES.items():
        yield row(title, *(_score(result, capability) for result in results))
    yield row("Gaps", *(str(len(with_verdict(result, Verdict.GAP))) for result in results))
    yield ""


def _score(result: AuditResult, capability: str) -> str:
    found = result.scores.get(capability)
    return "?" if found is None else figures.ranged(found)


def _gaps(result: AuditResult, most: int) -> Iterator[str]:
    found = with_verdict(result, Verdict.GAP)
    if not found:
        yield "No gap was found."
        yield ""
        return
    shown = found[:most]
    yield f"### {count(len(found), 'gap')}" + (f", the worst {len(shown)}" if len(shown) < len(found) else "")
    yield ""
    yield row("Severity", "Rule", "Scenario", "Trials", "What happened")
    yield row(*["---"] * 5)
    for gap in shown:
        title = plain(rule_info(result, gap).title, _NAME)
        note = baselines.note(result, gap)
        why = f"*{plain(note)}.* {plain(gap.why)}" if note else plain(gap.why)
        yield row(gap.severity, title, plain(gap.scenario, _NAME), figures.odds(gap), why)
    yield ""
    if told := baselines.counted(result):
        yield f"{told}."
        yield ""


def _open(result: AuditResult) -> Iterator[str]:
    left = unknown(result)
    told = []
    for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE):
        number = len(with_verdict(result, verdict))
        told.append(f"{SYMBOLS[verdict]} {number} {WORDS[verdict]}")
    if left.untested:
        told.append(f"{count(len(left.untested), 'thing')} not tested at all")
    if left.undeclared:
        told.append(f"{count(len(left.undeclared), 'promise')} not declared")
    yield " · ".join(told)
    yield ""
    for sentence in baselines.repeats(result):
        yield f"- {plain(sentence)}"
    if result.repeated:
        yield ""


def _raises(result: AuditResult) -> Iterator[str]:
    if result.verdict.raises:
        yield "### What would raise this grade"
        yield ""
        yield from (f"{number}. {plain(step)}" for number, step in enumerate(result.verdict.raises[:5], 1))
