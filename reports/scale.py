"""Where events stand on a timeline: in order, legible, and honest about what is stretched, folded or left out.

A linear axis would draw a burst of forty tokens in two milliseconds as one line beside two seconds of nothing. So
time is shown on a logarithmic step: neighbors on one lane never touch, long waits are folded and say how long they
were. The axis is labeled with true milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from .figures import milliseconds
from .rows import Row

_STEP_MS = 10.0  # a wait this long takes one unit of width more than none
_APART = 1.0  # units between neighbors on one lane
_LABELS_APART = 62.0  # between times on the axis
_CUT = 2.0  # units for events that are left out
_FOLD_MS = 250.0  # shorter waits are not worth a label
_FOLD_TIMES = 8.0  # … nor are waits that are not much longer than usual


@dataclass(frozen=True, slots=True)
class Note:
    """Something written on the axis at x: a time, or the length of a wait or the number of events left out."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """x of each row (same order), and what is written along the axis. digits: decimals that tell its times apart."""

    xs: tuple[float, ...]
    digits: int
    times: tuple[Note, ...]
    folds: tuple[Note, ...]
    cuts: tuple[Note, ...]


def scale(shown: Sequence[Row], aside: Sequence[int], left: float, right: float) -> Scale:
    """Spread rows that are in order of time between two edges. aside: indices of events known but not drawn."""
    left_out = [0, *(_left_out(a, b, aside) for a, b in pairwise(shown))]
    xs = _stretch(_units(shown, left_out), left, right)
    labeled = tuple(_labeled(shown, xs))
    digits = _digits([row.t_ns for row, _ in labeled])
    times = tuple(Note(x, milliseconds(row.t_ns, digits)) for row, x in labeled)
    return Scale(xs, digits, times, tuple(_folds(shown, xs)), tuple(_cuts(left_out, xs)))


def _units(shown: Sequence[Row], left_out: Sequence[int]) -> list[float]:
    places: list[float] = []
    last: dict[str, float] = {}
    for position, row in enumerate(shown):
        before = shown[position - 1] if position else row
        place = (places[-1] if places else 0.0) + log2(1 + _wait_ms(before, row) / _STEP_MS)
        if left_out[position]:
            place += _CUT
        place = max(place, last.get(row.lane, -_APART) + _APART)
        last[row.lane] = place
        places.append(place)
    return places


def _stretch(units: Sequence[float], left: float, right: float) -> tuple[float, ...]:
    widest = max(units, default=0.0)
    if widest == 0.0:
        return tuple((left + right) / 2 for _ in units)
    return tuple(round(left + unit / widest * (right - left), 1) for unit in units)


def _labeled(shown: Sequence[Row], xs: Sequence[float]) -> Iterable[tuple[Row, float]]:
    """The first event and the last, and as many between as do not crowd."""
    edge = float("-inf")
    for row, x in zip(shown, xs, strict=True):
        if x == xs[-1] or (x - edge >= _LABELS_APART and xs[-1] - x >= _LABELS_APART):
            if x > edge:
                yield row, x
            edge = x


def _digits(times: Sequence[int]) -> int:
    """As few decimals as keep different times different; at most three, that is microseconds."""
    different = len(set(times))
    return next((n for n in range(3) if len({milliseconds(t, n) for t in times}) == different), 3)


def _folds(shown: Sequence[Row], xs: Sequence[float]) -> Iterable[Note]:
    waits = [_wait_ms(a, b) for a, b in pairwise(shown)]
    usual = sorted(waits)[len(waits) // 2] if waits else 0.0
    for wait, (a, b) in zip(waits, pairwise(xs), strict=True):
        if wait >= max(_FOLD_MS, usual * _FOLD_TIMES):
            yield Note((a + b) / 2, f"{milliseconds(int(wait * 1e6))} ms")


def _cuts(left_out: Sequence[int], xs: Sequence[float]) -> Iterable[Note]:
    for number, (a, b) in zip(left_out[1:], pairwise(xs), strict=False):
        if number:
            yield Note((a + b) / 2, f"{number:,} more")


def _wait_ms(a: Row, b: Row) -> float:
    return max(b.t_ns - a.t_ns, 0) / 1e6


def _left_out(a: Row, b: Row, aside: Sequence[int]) -> int:
    return max(b.index - a.index - 1 - sum(a.index < index < b.index for index in aside), 0)
