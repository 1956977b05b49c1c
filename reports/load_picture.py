"""A chart as a still picture: what stands in the file without script, and on paper. Pure; a template draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .load_hooks import Flag
from .load_plots import SHAPES, Line, Plot, Values
from .load_scale import Axis

WIDTH, HEIGHT = 560.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 540.0, 10.0, 184.0
_COUNT_APART = 26.0  # between two numbers under marks
_CAP = 3.0  # half of the end of a whisker
_FLAG_APART, _FLAG_ROOM = 74.0, 70.0  # between two names of flags, and what one takes


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line: SVG path, color token, style."""

    path: str
    tone: str
    style: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape at a point, and how many it stands for (empty where that would not fit)."""

    x: float
    y: float
    shape: str
    text: str


@dataclass(frozen=True, slots=True)
class Pole:
    """A marked instant and its name (empty where that would not fit). left: the name stands left of it."""

    x: float
    text: str
    left: bool
    tone: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the template draws. ticks: (x or y, text). spans: (x, width) of storms. areas: p50 to p95 first.
    whiskers: a path, empty without any."""

    xticks: tuple[tuple[float, str], ...]
    yticks: tuple[tuple[float, str], ...]
    spans: tuple[tuple[float, float], ...]
    areas: tuple[str, ...]
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]
    whiskers: str
    poles: tuple[Pole, ...]


def picture(
    plot: Plot,
    xs: Sequence[float],
    time: Axis,
    spans: Sequence[tuple[float, float]],
    flags: Sequence[Flag] = (),
) -> Picture:
    """Lay a plot out. xs: the instants of its values; flags: in order of time."""
    places = [_x(time, at) for at in xs]
    return Picture(
        xticks=tuple((_x(time, value), text) for value, text in time.ticks),
        yticks=tuple((_y(plot.axis, value), text) for value, text in plot.axis.ticks),
        spans=tuple((_x(time, a), round(max(_x(time, b) - _x(time, a), 1.0), 1)) for a, b in spans),
        areas=tuple(_areas(plot, places)) if plot.kind == "band" else (),
        strokes=() if plot.kind == "marks" else tuple(_stroke(line, plot, places) for line in reversed(plot.lines)),
        marks=tuple(_marks(plot, places)) if plot.kind == "marks" else (),
        whiskers="".join(_whiskers(plot, places)),
        poles=tuple(_poles(flags, time)),
    )


def _x(time: Axis, at: float) -> float:
    return round(LEFT + time.at(at) * (RIGHT - LEFT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(BOTTOM - axis.at(value) * (BOTTOM - TOP), 1)


def _stroke(line: Line, plot: Plot, places: Sequence[float]) -> Stroke:
    runs = _runs(line.values)
    path = "".join(_path([(places[at], _y(plot.axis, value)) for at, value in run]) for run in runs)
    return Stroke(path, line.tone, line.style)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Through all points; a single one becomes a dot, by its round ends."""
    (x, y), *rest = points
    return f"M{x:g} {y:g}" + ("".join(f"L{x:g} {y:g}" for x, y in rest) or "h0")


def _areas(plot: Plot, places: Sequence[float]) -> Iterator[str]:
    """Between p50 and p95, and between p95 and p99."""
    for lower, upper in pairwise(line for line in plot.lines if line.tone == "accent" and not line.loose):
        both: Values = tuple(
            high if low is not None else None for low, high in zip(lower.values, upper.values, strict=True)
        )
        path = ""
        for run in _runs(both):
            above = [(places[at], _y(plot.axis, value)) for at, value in run]
            below = [(places[at], _y(plot.axis, lower.values[at] or 0.0)) for at, _ in reversed(run)]
            path += _path([*above, *below]) + "Z"
        yield path


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """Stretches without a hole."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _whiskers(plot: Plot, places: Sequence[float]) -> Iterator[str]:
    """Where a value lies, from end to end."""
    for line in plot.lines:
        for x, ends in zip(places, line.ranges, strict=False):
            if ends is not None:
                low, high = (_y(plot.axis, end) for end in ends)
                cap = f"M{x - _CAP:g} {{:g}}h{2 * _CAP:g}"
                yield f"M{x:g} {low:g}V{high:g}{cap.format(low)}{cap.format(high)}"


def _poles(flags: Sequence[Flag], time: Axis) -> Iterator[Pole]:
    edge = float("-inf")
    for flag in flags:
        x = _x(time, flag.at_s)
        fits = bool(flag.text) and x - edge >= _FLAG_APART
        edge = x if fits else edge
        yield Pole(x, flag.text if fits else "", x > RIGHT - _FLAG_ROOM, flag.tone)


def _marks(plot: Plot, places: Sequence[float]) -> Iterator[Mark]:
    for level, line in zip(reversed(plot.axis.ticks), plot.lines, strict=True):
        edge = float("-inf")
        for x, value in zip(places, line.values, strict=True):
            if value is None:
                continue
            fits = x - edge >= _COUNT_APART
            edge = x if fits else edge
            yield Mark(x, _y(plot.axis, level[0]), SHAPES[line.style], f"{value:,.0f}" if fits else "")
