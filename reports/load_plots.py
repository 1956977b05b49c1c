"""The charts of a load report: which there are, what each shows, its axis, its table. Pure; drawn twice, as a still
picture (`load_picture`) and by the script in the page, from the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Literal, TypeAlias

from audit.load.result import LoadResult

from . import figures, load_scale, load_words
from .load_scale import Axis
from .load_series import FAULTS, Point, Series
from .text import count

Kind: TypeAlias = Literal["lines", "band", "marks"]
Values: TypeAlias = tuple[float | None, ...]

# Shapes around 0,0: what is told by color is told by shape, too.
SHAPES = {
    "lost": "M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5",
    "repeated": "M-2.5 -5.5V5.5M2.5 -5.5V5.5",
    "reordered": "M-6 -2.5H5M2.5 -5L5 -2.5M6 2.5H-5M-2.5 5L-5 2.5",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One series. tone: a color token; style: its stroke (`solid`, `thin`, `dashed`), `dots` or `points` (smaller)
    for values that no line joins, or the shape of its marks."""

    name: str
    tone: str
    style: str
    values: Values

    @property
    def shape(self) -> str:
        """SVG path of its marks; empty for a line."""
        return SHAPES.get(self.style, "")

    @property
    def loose(self) -> bool:
        """Does no line join its values?"""
        return self.style in ("dots", "points")


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart. key: unique on the page. unit: of its values. table: header, and a row for each point; along: what its
    first column holds."""

    key: str
    title: str
    hint: str
    kind: Kind
    unit: str
    lines: tuple[Line, ...]
    axis: Axis
    summary: str
    header: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    along: str = "Time"


def plots(result: LoadResult, series: Series) -> tuple[Plot, ...]:
    """Every chart that has something to show; none when no window was measured."""
    if not series.points:
        return ()
    crowd = (_devices(series), _words(series), _resumes(series))
    faults = (_faults(series),) if any(line for line in _marks(series.points)) else ()
    delays = (_delay(number, name, series) for number, (name, _) in enumerate(load_words.measures(result)))
    return (*crowd, *faults, *(plot for plot in delays if plot))


def _devices(series: Series) -> Plot:
    line = _line("devices", "ink", "solid", series, lambda point: float(point.window.devices))
    hint = "At the end of each window, without those that were away."
    return _counted("devices", "Devices connected", hint, "", (line,), series)


def _words(series: Series) -> Plot:
    line = _line("words/s", "accent", "solid", series, lambda point: point.rate(point.window.words))
    hint = "New words that reached a device, each of them verified."
    return _counted("words", "Words per second", hint, "/s", (line,), series)


def _resumes(series: Series) -> Plot:
    lines = (
        _line("resumes/s", "accent", "solid", series, lambda point: point.rate(point.window.resumes)),
        _line("refused/s", "gap", "dashed", series, lambda point: point.rate(point.window.refused)),
    )
    hint = "Devices that came back, and how often the target refused one."
    return _counted("resumes", "Resumes per second", hint, "/s", lines, series)


def _counted(key: str, title: str, hint: str, unit: str, lines: tuple[Line, ...], series: Series) -> Plot:
    told = ", ".join(f"{line.name} at most {figures.number(max(_known(line.values), default=0.0))}" for line in lines)
    return Plot(
        key=key,
        title=title,
        hint=hint,
        kind="lines",
        unit=unit,
        lines=lines,
        axis=load_scale.amounts(chain.from_iterable(_known(line.values) for line in lines)),
        summary=f"{title} over {load_words.duration(series.end_s * 1e3)}: {told}.",
        header=tuple(line.name for line in lines),
        table=_table(series, [[_cell(line.values[at]) for line in lines] for at in range(len(series.points))]),
    )


def _faults(series: Series) -> Plot:
    lines = tuple(Line(key, "gap", key, values) for key, values in zip(FAULTS, _marks(series.points), strict=True))
    sums = [round(sum(_known(line.values))) for line in lines]
    told = ", ".join(f"{number:,} {line.name}" for number, line in zip(sums, lines, strict=True))
    ticks = tuple((float(len(lines) - at), line.name) for at, line in enumerate(lines))[::-1]
    return Plot(
        key="faults",
        title="Words lost, repeated, out of order",
        hint="A mark for each window in which it happened, with how many words.",
        kind="marks",
        unit="",
        lines=lines,
        axis=Axis(0.4, len(lines) + 0.6, ticks),
        summary=f"Faults over time: {told}.",
        header=tuple(line.name for line in lines),
        table=_table(series, [[_cell(line.values[at] or 0.0) for line in lines] for at in range(len(series.points))]),
    )


def _marks(points: Sequence[Point]) -> tuple[Values, ...]:
    """The count of each kind of fault at each point; None where it did not happen. Empty when none ever did."""
    found = tuple(tuple(float(getattr(point.window, key)) or None for point in points) for key in FAULTS)
    return found if any(map(_known, found)) else ()


def _delay(number: int, name: str, series: Series) -> Plot | None:
    """The band of one measure; None when no window has a figure for it."""
    shares = ("p50", "p95", "p99")
    styles = ("solid", "thin", "dashed")
    lines = tuple(
        Line(share, "accent", style, tuple(_finite(getattr(point.measure(name), share)) for point in series.points))
        for share, style in zip(shares, styles, strict=True)
    )
    known = list(chain.from_iterable(_known(line.values) for line in lines))
    if not known:
        return None
    title = load_words.title(name)
    worst = (f"{line.name} {load_words.duration(max(_known(line.values), default=None))}" for line in lines)
    rows = [
        [f"{found.count:,}", *map(load_words.number, (found.p50, found.p95, found.p99, found.max))]
        for found in (point.measure(name) for point in series.points)
    ]
    return Plot(
        key=f"delay{number}",
        title=title,
        hint=load_words.means(name),
        kind="band",
        unit="ms",
        lines=lines,
        axis=load_scale.delays(known),
        summary=f"{title} over {load_words.duration(series.end_s * 1e3)}, logarithmic; the worst window: "
        f"{', '.join(worst)}.",
        header=("samples", "p50 ms", "p95 ms", "p99 ms", "max ms"),
        table=_table(series, rows),
    )


def _line(name: str, tone: str, style: str, series: Series, value: Callable[[Point], float | None]) -> Line:
    return Line(name, tone, style, tuple(_finite(value(point)) for point in series.points))


def _table(series: Series, rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Rows with the time they stand for in front."""
    return tuple((stretch(point, series.end_s), *row) for point, row in zip(series.points, rows, strict=True))


def stretch(point: Point, end_s: float) -> str:
    """`20 s – 30 s`, or `after 60 s` when the plan was over."""
    if point.after:
        return f"after {load_scale.clock(point.window.at_s, end_s)}"
    return f"{load_scale.clock(point.window.at_s, end_s)} – {load_scale.clock(point.until_s, end_s)}"


def thinned(series: Series) -> str:
    """What a point stands for, when it is more than one window; empty otherwise."""
    if series.each <= 1:
        return ""
    return f"A point stands for {count(series.each, 'window')}: counts are added up, delays are the worst of them."


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _cell(value: float | None) -> str:
    return load_words.number(value)
