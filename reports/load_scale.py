"""Axes of the load report: where they begin and end, and the round numbers written along them. Pure.

Worked out here once, for the pictures in the file and for the interactive charts alike, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from . import figures
from .load_words import NOTHING, duration

FLOOR_MS = 0.01  # the least delay a logarithmic axis shows; what is below is drawn on it
CEILING = 1e12  # nothing that is measured is more; a result that says so must not stretch an axis
_LADDER = (1, 2, 5)
_LADDERS = ((100.0, _LADDER), (1_000.0, (1, 3)), (float("inf"), (1,)))  # up to this span, these numbers of a decade
_SPANS_S = (0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Axis:
    """ticks: (value, text), ascending, within low and high."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high end, never outside."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            return log10(inside / self.low) / log10(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


def amounts(values: Iterable[float]) -> Axis:
    """From zero to a round number above the largest."""
    largest = max((value for value in values if value < CEILING), default=0.0)
    step = _round_up(largest / 4) if largest / 4 > 0 else 1.0  # a quarter of the least float is 0
    number = max(ceil(largest / step - 1e-9), 1)
    return Axis(0.0, step * number, tuple((step * n, figures.number(step * n)) for n in range(number + 1)))


def delays(values: Iterable[float]) -> Axis:
    """Milliseconds on a logarithmic axis, from one round number to another: delays of one run span decades."""
    positive = [value for value in values if FLOOR_MS < value < CEILING] or [1.0]
    low, high = _round_down(min(positive)), _round_up(max(positive))
    if high / low < 5:  # a picture of less would show noise as mountains
        low, high = _round_down(max(low / 2.5, FLOOR_MS)), _round_up(high * 1.2)
    ladder = next(ladder for span, ladder in _LADDERS if high / low <= span * 1.001)
    return Axis(low, high, tuple((rung, duration(rung)) for rung in _rungs(low, high, ladder)), log=True)


def times(end_s: float) -> Axis:
    """Seconds since the run began."""
    high = min(max(end_s, 1.0), CEILING)
    step = next((span for span in _SPANS_S if high / span <= _MOST_TICKS), ceil(high / _MOST_TICKS))
    ticks = (min(round(n * step, 6), high) for n in range(floor(high / step + 1e-9) + 1))
    return Axis(0.0, high, tuple((at, _tick(at, high)) for at in ticks))


def clock(at_s: float, longest_s: float) -> str:
    """`40 s` in a run of minutes, `12:30` in a longer one, `1:12:30` from an hour on."""
    if not abs(at_s) < CEILING:
        return NOTHING
    if longest_s <= 120:
        return f"{figures.number(round(at_s, 1))} s"
    minutes, seconds = divmod(round(at_s), 60)
    if longest_s < 3_600:
        return f"{minutes}:{seconds:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def _tick(at_s: float, longest_s: float) -> str:
    """Short: from an hour on, ticks are whole minutes: `1:30 h`."""
    return clock(at_s, longest_s) if longest_s < 3_600 else f"{at_s // 3_600:.0f}:{at_s % 3_600 // 60:02.0f} h"


def _rungs(low: float, high: float, ladder: Sequence[int]) -> Iterator[float]:
    """1, 2, 5, 10, 20 … between the two."""
    for decade in range(floor(log10(low)) - 1, ceil(log10(high)) + 1):
        for rung in ladder:
            value = float(f"{rung}e{decade}")
            if low * 0.999 <= value <= high * 1.001:
                yield value


def is_decade(value: float) -> bool:
    """1, 10, 100 …"""
    return abs(log10(value) - round(log10(value))) < 1e-9


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 … that is not below."""
    decade = floor(log10(value))
    return next(
        (round_ for rung in _LADDER if (round_ := float(f"{rung}e{decade}")) >= value * 0.999), float(f"1e{decade + 1}")
    )


def _round_down(value: float) -> float:
    decade = floor(log10(value))
    return next(round_ for rung in reversed(_LADDER) if (round_ := float(f"{rung}e{decade}")) <= value * 1.001)
