"""A load run in short, as a section of the gap report: the verdict, the figures, the gates."""

from __future__ import annotations

from dataclasses import dataclass

from audit.load.result import LoadResult

from . import load_hooks, load_rules, load_storms, load_words
from .load_rules import RuleFound
from .load_view import Gate, gates
from .load_words import Fault, Outcome
from .verdicts import SYMBOLS


@dataclass(frozen=True, slots=True)
class Section:
    """What the section shows. delays: measure, samples, p50, p95, p99 (ms). file: where the full load report is."""

    result: LoadResult
    outcome: Outcome
    symbol: str
    first: str
    second: str
    faults: tuple[Fault, ...]
    delays: tuple[tuple[str, ...], ...]
    storms: tuple[str, ...]
    hooks: tuple[str, ...]
    rules: tuple[RuleFound, ...]
    ended: str
    gates: tuple[Gate, ...]
    symbols: dict[str, str]
    file: str


def section(result: LoadResult, file: str) -> Section:
    """Build the section of one load run."""
    outcome, (first, second) = load_words.outcome(result), load_words.sentences(result)
    return Section(
        result=result,
        outcome=outcome,
        symbol=SYMBOLS[outcome.verdict],
        first=first,
        second=second,
        faults=load_words.faults(result),
        delays=tuple(
            (
                load_words.title(name),
                f"{found.count:,}",
                *(load_words.sure_number(found, share) for share in ("p50", "p95", "p99")),
            )
            for name, found in load_words.measures(result)
        ),
        storms=load_storms.sentences(result),
        hooks=load_hooks.sentences(result),
        rules=load_rules.found(result),
        ended=load_words.ended(result),
        gates=gates(result),
        symbols={verdict.value: symbol for verdict, symbol in SYMBOLS.items()},
        file=file,
    )
