"""The charts of a capacity report: throughput and delay over the number of devices. Pure; drawn as those of a load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from audit.load.capacity_result import CapacityResult, Rung
from audit.load.result import Quantiles

from . import figures, load_scale, load_words
from .load_plots import Line, Plot, Values
from .load_scale import Axis
from .text import count

Curve = Sequence[tuple[float, float, float, float]]
_ROOM = 1.08  # above the highest point
_NOTHING = 0.01  # of the curve
_NEAR = 0.1  # devices: places are rounded


@dataclass(frozen=True, slots=True)
class Charts:
    """places: the numbers of devices that every line has a value (or none) at; spans: beyond the knee."""

    plots: tuple[Plot, ...]
    places: tuple[float, ...]
    names: tuple[str, ...]
    axis: Axis
    spans: tuple[tuple[float, float], ...]


def charts(result: CapacityResult) -> Charts | None:
    """None when no step was measured."""
    rungs = [rung for rung in result.rungs if not rung.void]
    if not rungs:
        return None
    curve = _sound(result.model.curve if result.model else ())
    places = tuple(_places([float(rung.devices) for rung in rungs], [row[0] for row in curve]))
    axis = load_scale.amounts(places)
    return Charts(
        plots=(_throughput(rungs, curve, places, result.knee is not None), _delay(rungs, places)),
        places=places,
        names=tuple(count(round(place), "device") for place in places),
        axis=axis,
        spans=((result.knee.devices, axis.high),) if result.knee else (),
    )


def _sound(curve: Curve) -> Curve:
    return [row for row in curve if all(isfinite(number) for number in row)]


def _places(measured: Sequence[float], modelled: Sequence[float]) -> list[float]:
    """Where anything is known, and a place between any two measurements, so that no line joins them."""
    between = [(low + high) / 2 for low, high in pairwise(sorted(measured))]
    return sorted({round(place, 1) for place in (*measured, *between, *modelled)})


def _throughput(rungs: Sequence[Rung], curve: Curve, places: Sequence[float], bent: bool) -> Plot:
    measured = _dots("measured", {float(rung.devices): rung.words_per_s for rung in rungs}, places)
    known = [value for value in measured.values if value is not None]
    tops = [*known, *(row[1] for row in curve)]
    sure = _is_sure(curve)
    modelled = tuple(_modelled(curve, places)) if sure else (_model(curve, places),) if curve else ()
    lines = (*modelled, measured)
    how_sure = "in the band where it lies with 95 % confidence" if sure else "which they are too few to be sure of"
    fitted = f"; the curve is a model fitted to them, {how_sure}" if curve else ""
    return Plot(
        key="throughput",
        title="Words per second by devices",
        hint=f"Dots were measured{fitted}." + (" Shaded: beyond the knee." if bent else ""),
        kind="band" if sure else "lines",
        unit="/s",
        lines=lines,
        axis=load_scale.amounts([max(tops) * _ROOM]),
        summary=f"Throughput in {count(len(known), 'step')}: at most {figures.number(max(known))} words/s.",
        header=tuple(line.name for line in lines),
        table=_table(rungs, lines, places),
        along="Devices",
    )


def _delay(rungs: Sequence[Rung], places: Sequence[float]) -> Plot:
    late = {float(rung.devices): rung.item_delay_ms for rung in rungs}
    back = {float(rung.devices): rung.resume_delay_ms for rung in rungs}
    lines = (
        _delays("words late", late, places, "accent", "dots"),
        _delays("resumes", back, places, "ink", "points"),
    )
    known = [value for line in lines for value in line.values if value is not None]
    return Plot(
        key="delay",
        title="Delay by devices, p95",
        hint="How late words come, and how long a resume takes until the first new word. Logarithmic; "
        "whiskers: where it lies with 95 % confidence.",
        kind="lines",
        unit="ms",
        lines=lines,
        axis=load_scale.delays([*known, *(end for line in lines for ends in line.ranges if ends for end in ends)]),
        summary=f"Delay, p95, over devices: at most {load_words.duration(max(known, default=None))}.",
        header=tuple(f"{line.name}, ms" for line in lines),
        table=_table(rungs, lines, places),
        along="Devices",
    )


def _table(rungs: Sequence[Rung], lines: Sequence[Line], places: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """A row for each number of devices that was measured."""
    rows = ((rung.devices, places.index(float(rung.devices))) for rung in rungs)
    return tuple((f"{devices:,}", *(load_words.number(line.values[at]) for line in lines)) for devices, at in rows)


def _p95(found: Quantiles) -> float | None:
    return found.p95 if found.p95 is not None and isfinite(found.p95) else None


def _dots(
    name: str, values: Mapping[float, float | None], places: Sequence[float], tone: str = "ink", style: str = "dots"
) -> Line:
    return Line(name, tone, style, tuple(values.get(place) for place in places))


def _delays(name: str, found: Mapping[float, Quantiles], places: Sequence[float], tone: str, style: str) -> Line:
    """The p95 of each step, and where it lies."""
    values = tuple(_p95(found[place]) if place in found else None for place in places)
    ranges = tuple(load_words.interval(found[place], "p95") if place in found else None for place in places)
    return Line(name, tone, style, values, ranges)


def _modelled(curve: Curve, places: Sequence[float]) -> Iterator[Line]:
    """Low end, curve, high end: in this order the bands lie between them."""
    yield Line("95 % low", "accent", "thin", _along(curve, 2, places))
    yield _model(curve, places)
    yield Line("95 % high", "accent", "dashed", _along(curve, 3, places))


def _model(curve: Curve, places: Sequence[float]) -> Line:
    return Line("model", "accent", "solid", _along(curve, 1, places))


def _is_sure(curve: Curve) -> bool:
    """Does its band say anything? One that begins at nothing does not."""
    return any(low > _NOTHING * middle for _, middle, low, _ in curve)


def _along(curve: Curve, column: int, places: Sequence[float]) -> Values:
    """The curve at every place, straight between the points that it is told by; None where it does not reach."""
    return tuple(_between(curve, column, place) for place in places)


def _between(curve: Curve, column: int, place: float) -> float | None:
    for low, high in pairwise(curve):
        if low[0] <= place + _NEAR and place <= high[0] + _NEAR and high[0] > low[0]:
            return low[column] + (place - low[0]) / (high[0] - low[0]) * (high[column] - low[column])
    return None
