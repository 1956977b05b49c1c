"""The storms of a plan as a result keeps it. Read leniently: results come from files, too."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from .churn import Storm
from .result import LoadResult, StormResult


def planned_storms(result: LoadResult) -> tuple[Storm, ...]:
    """In the plan's order; what is no storm is left out."""
    plan = result.plan if isinstance(result.plan, dict) else {}
    rows = plan.get("storms")
    return tuple(_storms(rows if isinstance(rows, list | tuple) else ()))


def played(result: LoadResult) -> tuple[tuple[Storm, StormResult], ...]:
    """Each planned storm beside what became of it."""
    found = {storm.at_s: storm for storm in result.storms}
    return tuple((storm, found[storm.at_s]) for storm in planned_storms(result) if storm.at_s in found)


def answer_s(result: LoadResult) -> float:
    """How long one answer of the plan takes to say; 0 where the plan does not tell."""
    plan = result.plan if isinstance(result.plan, dict) else {}
    words, pace_ms = plan.get("words"), plan.get("pace_ms")
    if not isinstance(words, int | float) or not isinstance(pace_ms, int | float):
        return 0.0
    return words * pace_ms / 1e3


def _storms(rows: list[Any] | tuple[Any, ...]) -> Iterator[Storm]:
    for row in rows:
        values = [row.get(name) for name in ("at_s", "share", "away_s", "jitter_s")] if isinstance(row, dict) else []
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        if len(numbers) == 4 and all(isfinite(number) and number >= 0 for number in numbers):
            yield Storm(*numbers)
