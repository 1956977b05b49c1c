"""The figures of `docs/variability.md`, from audits of the same targets with different seeds. Pure but for
`Machine.here`.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from statistics import median

from audit.contract import CAPABILITIES, CAPABILITY_TITLES
from audit.result import AuditResult
from reports import figures

TIMED = ("resume-delay", "hang", "control-delay", "buffering")
MARK = "<!-- From here on written by python -m benchmarks.stability --write docs/variability.md -->\n"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when it was measured. load: processes that wanted to run, mean of the last minute."""

    day: str
    processors: int
    load: float
    python: str

    @classmethod
    def here(cls) -> Machine:
        """This one, now."""
        day = datetime.now(UTC).date().isoformat()
        return cls(day, cpu_count() or 1, getloadavg()[0], platform.python_version())


def page(text: str, audits: Mapping[str, Sequence[AuditResult]], machine: Machine) -> str:
    """The page with these figures below its mark, instead of those that stand there."""
    lines = [text.partition(MARK)[0] + MARK, *_scores(audits, machine), *_verdicts(audits), *_measured(audits)]
    return "\n".join(lines) + "\n"


def _scores(audits: Mapping[str, Sequence[AuditResult]], machine: Machine) -> Iterator[str]:
    one = next(iter(audits.values()))[0]
    yield "## Scores"
    yield ""
    yield (
        f"Measured on {machine.day}: durable-audit {one.tool}, rules {one.ruleset}, profile {one.profile}, Python "
        f"{machine.python}, {machine.processors} processors that others used too (load average {machine.load:.1f})."
    )
    yield ""
    titles = (CAPABILITY_TITLES[name] for name in CAPABILITIES)
    yield _row("Target", "Audits", "Seeds", "Grade", *titles)
    yield _row("---", "---:", "---:", "---", *["---:"] * len(CAPABILITIES))
    for name, results in audits.items():
        seeds = sorted(result.seed for result in results)
        letters = Counter(result.grade for result in results)
        grades = ", ".join(f"{letter} × {number}" for letter, number in letters.items())
        ranges = (_range([result.scores[each].score for result in results]) for each in CAPABILITIES)
        yield _row(name, str(len(results)), f"{seeds[0]}–{seeds[-1]}", grades, *ranges)
    yield ""
    yield "A range is the lowest and the highest score of the audits; a single number was the score of all of them."
    yield ""


def _verdicts(audits: Mapping[str, Sequence[AuditResult]]) -> Iterator[str]:
    yield "## Verdicts that were not always the same"
    yield ""
    told = [row for name, results in audits.items() for row in _departures(name, results)]
    total = sum(len(results[0].findings) for results in audits.values())
    yield f"{len(told)} of {total} judgments (a rule in a scenario of a target) differed from audit to audit."
    yield ""
    if told:
        yield _row("Target", "Rule", "Scenario", "Said")
        yield _row(*["---"] * 4)
        yield from told
        yield ""


def _departures(name: str, results: Sequence[AuditResult]) -> Iterator[str]:
    said: dict[tuple[str, str], Counter[str]] = {}
    for result in results:
        for found in result.findings:
            said.setdefault((found.rule, found.scenario), Counter())[found.verdict.value.replace("_", " ")] += 1
    for (rule, scenario), verdicts in said.items():
        if len(verdicts) > 1:
            yield _row(name, f"`{rule}`", scenario, ", ".join(f"{each} × {n}" for each, n in verdicts.most_common()))


def _measured(audits: Mapping[str, Sequence[AuditResult]]) -> Iterator[str]:
    yield "## Measured values"
    yield ""
    yield "Of each audit the median over its trials; here the median over the audits, the lowest and the highest."
    yield ""
    yield _row("Target", "Rule", "Scenario", "Median", "Lowest", "Highest")
    yield _row("---", "---", "---", "---:", "---:", "---:")
    for name, results in audits.items():
        for (rule, scenario, unit), values in _values(results).items():
            shown = (figures.amount(value, unit) for value in (median(values), min(values), max(values)))
            yield _row(name, f"`{rule}`", scenario, *shown)
    added = sum(each.trials for results in audits.values() for result in results for each in result.repeated)
    yield ""
    yield f"Trials added because a value lay near its threshold: {added}."


def _values(results: Sequence[AuditResult]) -> dict[tuple[str, str, str], list[float]]:
    found: dict[tuple[str, str, str], list[float]] = {}
    for rule in TIMED:
        for result in results:
            for each in result.findings:
                if each.rule == rule and each.value is not None:
                    found.setdefault((rule, each.scenario, each.unit), []).append(each.value)
    return found


def _range(scores: Sequence[float | None]) -> str:
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return "–" if not known else f"{min(known):.1f}–{max(known):.1f}, {len(scores) - len(known)} without"
    low, high = min(known), max(known)
    return f"{low:.1f}" if low == high else f"{low:.1f}–{high:.1f}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
