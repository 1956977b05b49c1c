"""The summary of a load run for a CI step or a pull request, in GitHub-flavored Markdown. Texts are escaped."""

from __future__ import annotations

from collections.abc import Iterator

from audit.load.result import LoadResult

from . import load_compare, load_hooks, load_storms, load_view, load_words
from .load_compare import Comparison
from .markdown import MAX_BYTES
from .markup import plain, row
from .verdicts import SYMBOLS

_NAME = 80
_MOST_ERRORS = 10


def summary(result: LoadResult, reference: LoadResult | None = None, earlier: LoadResult | None = None) -> str:
    """One run, beside others. Never more than MAX_BYTES of UTF-8."""
    text = "\n".join(_lines(result, load_compare.compare(result, reference, earlier))) + "\n"
    return text.encode()[:MAX_BYTES].decode(errors="ignore")


def _lines(result: LoadResult, comparison: Comparison) -> Iterator[str]:
    outcome, (first, second) = load_words.outcome(result), load_words.sentences(result)
    yield f"## {SYMBOLS[outcome.verdict]} Load on {plain(load_words.name(result), _NAME)}: {outcome.word}"
    yield ""
    if result.void:
        yield f"**VOID: {plain(result.void)}**"
        yield ""
    yield f"**{plain(first)}** {plain(second)}"
    yield ""
    if result.partial:
        yield plain(load_words.ended(result))
        yield ""
    yield from _gates(result)
    yield from _delays(comparison)
    yield from _counts(comparison)
    yield from _rest(result)


def _gates(result: LoadResult) -> Iterator[str]:
    gates = load_view.gates(result)
    if gates:
        yield row("Gate", "Measured", "Outcome")
        yield row("---", "---:", "---")
    for gate in gates:
        yield row(plain(gate.gate, _NAME), gate.value, f"{SYMBOLS[gate.verdict]} {gate.word}")
    if gates:
        yield ""


def _delays(comparison: Comparison) -> Iterator[str]:
    """Milliseconds, quantiles with where they lie. Beside others, a row for each run."""
    if not comparison.measures:
        return
    last = ("p95 ratio",) if comparison.several else ()
    yield row("Delay, ms", "samples", "p50", "p95", "p99", "mean", "max", *last)
    yield row("---", *["---:"] * (6 + len(last)))
    for measure in comparison.measures:
        for found in measure.rows:
            label = plain(measure.title, _NAME) + ("" if found.own else f", {found.run}")
            cells = (f"{cell} ({ends})" if ends else cell for cell, ends in zip(found.cells, found.ends, strict=True))
            yield row(label, *cells, *((found.ratio,) if last else ()))
    yield ""
    for warning in comparison.warnings:
        yield f"- {plain(warning)}"
    if comparison.warnings:
        yield ""


def _counts(comparison: Comparison) -> Iterator[str]:
    yield row("", *comparison.names)
    yield row("---", *["---:"] * len(comparison.names))
    for found in (*comparison.counts, *comparison.faults):
        own, *others = found.cells
        yield row(found.label, f"**✗ {own}**" if found.bad else own, *others)
    yield ""


def _rest(result: LoadResult) -> Iterator[str]:
    for told in (*load_hooks.sentences(result), *load_storms.sentences(result)):
        yield f"- {plain(told)}"
    for kind, times in sorted(result.errors.items(), key=lambda error: -error[1])[:_MOST_ERRORS]:
        yield f"- {times:,} × {plain(kind, 120)}"
    if assurance := load_words.assurance(result):
        yield ""
        yield assurance
