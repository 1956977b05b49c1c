"""A delay as a bar on a logarithmic axis, p50 to p99, to be read down a table. Pure geometry; a template draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from audit.load.result import Quantiles

from . import load_scale
from .load_scale import Axis

WIDTH, HEIGHT = 220.0, 18.0
_EDGE = 16.0
_MOST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """x of p50, p95 and p99 (None: too few samples), and of the axis' ticks."""

    p50: float
    p95: float | None
    p99: float | None
    ticks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ruler:
    """What all bars of one table share. ticks: (x, text), never so near that they cover each other."""

    axis: Axis
    ticks: tuple[tuple[float, str], ...]

    def bar(self, found: Quantiles) -> Bar | None:
        """The bar of a measure; None without a median."""
        p50, p95, p99 = (self._at(value) for value in (found.p50, found.p95, found.p99))
        return None if p50 is None else Bar(p50, p95, p99, tuple(x for x, _ in self.ticks))

    def _at(self, value: float | None) -> float | None:
        return None if value is None or not isfinite(value) else _x(self.axis, value)


def ruler(found: Iterable[Quantiles]) -> Ruler:
    """An axis on which all of these have their place."""
    values = [value for each in found for value in (each.p50, each.p95, each.p99) if value is not None]
    axis = load_scale.delays(values)
    ticks = axis.ticks
    if len(ticks) > _MOST_TICKS:
        ticks = tuple(tick for tick in ticks if load_scale.is_decade(tick[0]))
    step = max(-(-len(ticks) // _MOST_TICKS), 1)
    return Ruler(axis, tuple((_x(axis, value), text) for value, text in ticks[::step]))


def _x(axis: Axis, value: float) -> float:
    return round(_EDGE + axis.at(value) * (WIDTH - 2 * _EDGE), 1)
