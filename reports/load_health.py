"""The load generator itself: was it fast enough that what it measured is the target's doing, and not its own?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from audit.finding import Verdict
from audit.load.report_of import MAX_BEHIND_MS, MAX_CPU_SHARE, MAX_LAG_MS
from audit.load.result import Health, LoadResult

from . import figures, load_words

_GROWTH = 1.25  # what memory may grow by over two thirds of a run before it looks like a leak


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of health. limit: in words, empty when it has none; verdict: None when it is only told."""

    what: str
    value: str
    limit: str
    verdict: Verdict | None


def signs(result: LoadResult) -> tuple[Sign, ...]:
    """Every sign, the ones with a limit first. In a void run nothing is shown as good."""
    found = tuple(_signs(result.health))
    return tuple(_without_praise(sign) for sign in found) if result.void else found


def _without_praise(sign: Sign) -> Sign:
    return replace(sign, verdict=Verdict.NOT_APPLICABLE) if sign.verdict is Verdict.PASS else sign


def _signs(health: Health) -> Iterator[Sign]:
    yield _delay("Event loop late, p99", health.lag_p99_ms, MAX_LAG_MS)
    yield _delay("Acts of the plan begun late, p99", health.behind_p99_ms, MAX_BEHIND_MS)
    share = f"{figures.amount(health.cpu_share, 'share')} of a core"
    limit = f"{figures.amount(MAX_CPU_SHARE, 'share')} of a core"
    yield Sign("CPU, busiest process", share, limit, _judged(health.cpu_share, MAX_CPU_SHARE))
    if health.delay_error_p99_ms is not None:
        late = f"{load_words.duration(health.delay_error_p99_ms)} later than the kernel"
        yield Sign("Words received, p99", late, "", None)
    yield Sign("Processes", f"{health.processes:,}", "", None)
    early, end = health.memory_mb
    grown = "grew: look for a leak" if end > early * _GROWTH and early > 0 else "flat"
    told = f"{figures.number(early)} MB at a third of the run, {figures.number(end)} MB at its end ({grown})"
    yield Sign("Memory", told, "", None)


def _delay(what: str, value: float | None, limit: float) -> Sign:
    return Sign(what, load_words.duration(value), load_words.duration(limit), _judged(value, limit))


def _judged(value: float | None, limit: float) -> Verdict:
    if value is None:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS if value <= limit else Verdict.GAP
