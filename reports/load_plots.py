"""The charts of a load report: which there are, what each shows, its axis, its table. Pure; drawn twice, as a still
picture (`load_picture`) and by the script in the page, from the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Literal, TypeAlias

from audit.load.result import LoadResult, Quantiles

from . import figures, load_scale, load_words
from .load_scale import Axis
from .load_series import FAULTS, Point, Series
from .text import count

Kind: TypeAlias = Literal["lines", "band", "marks"]
Values: TypeAlias = tuple[float | None, ...]
Ranges: TypeAlias = tuple[tuple[float, float] | None, ...]

MOST_RANGES = 60  # points; more whiskers than that are a fence
_ROOM = 1.04  # above the highest point, which would lie on the frame otherwise

# Shapes around 0,0: what is told by color is told by shape, too.
SHAPES = {
    "lost": "M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5",
    "repeated": "M-2.5 -5.5V5.5M2.5 -5.5V5.5",
    "reordered": "M-6 -2.5H5M2.5 -5L5 -2.5M6 2.5H-5M-2.5 5L-5 2.5",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One series. tone: a color token; style: its stroke (`solid`, `thin`, `dashed`), `dots` or `points` (smaller)
    for values that no line joins, or the shape of its marks. ranges: where each value lies with 95 % confidence; empty
    when that is not shown."""

    name: str
    tone: str
    style: str
    values: Values
    ranges: Ranges = ()

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


Others: TypeAlias = Sequence[tuple[str, Series]]
_BESIDE = ("thin", "dashed")  # strokes of the other runs


def plots(result: LoadResult, series: Series, others: Others = ()) -> tuple[Plot, ...]:
    """Every chart that has something to show; none when no window was measured. others: to draw beside, by name."""
    if not series.points:
        return ()
    crowd = (_devices(series), _words(series, others), _resumes(series, others))
    faults = (_faults(series),) if any(line for line in _marks(series.points)) else ()
    delays = (_delay(number, name, series, others) for number, (name, _) in enumerate(load_words.measures(result)))
    return (*crowd, *faults, *(plot for plot in delays if plot))


def _devices(series: Series) -> Plot:
    line = _line("devices", "ink", "solid", series, lambda point: float(point.window.devices))
    hint = "At the end of each window, without those that were away."
    return _counted("devices", "Devices connected", hint, "", (line,), series)


def _words(series: Series, others: Others) -> Plot:
    def rate(point: Point) -> float | None:
        return point.rate(point.window.words)

    lines = (_line("words/s", "accent", "solid", series, rate), *_beside(series, others, rate))
    hint = "New words that reached a device, each of them verified."
    return _counted("words", "Words per second", hint, "/s", lines, series)


def _resumes(series: Series, others: Others) -> Plot:
    def rate(point: Point) -> float | None:
        return point.rate(point.window.resumes)

    lines = (
        _line("resumes/s", "accent", "solid", series, rate),
        _line("refused/s", "gap", "dashed", series, lambda point: point.rate(point.window.refused)),
        *_beside(series, others, rate),
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
        axis=load_scale.amounts(value * _ROOM for line in lines for value in _known(line.values)),
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
        hint="A mark for each window in which it was found, with how many words. Lost is what can no longer come, so "
        "much of it is found when the plan is over.",
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


def _delay(number: int, name: str, series: Series, others: Others) -> Plot | None:
    """The band of one measure; None when it is no line: no window has a figure for it, or one among several."""
    measured = [point.measure(name) for point in series.points]
    lines = tuple(
        Line(share, "accent", style, tuple(_finite(getattr(found, share)) for found in measured), ranges)
        for share, style, ranges in (("p50", "solid", ()), ("p95", "thin", _ranges(measured)), ("p99", "dashed", ()))
    )
    known = list(_all(lines))
    if len(_known(lines[0].values)) < min(2, len(series.points)) or not known:
        return None
    beside = tuple(_beside(series, others, lambda point: point.measure(name).p95, " p95"))
    title = load_words.title(name)
    worst = (f"{line.name} {load_words.duration(max(_known(line.values), default=None))}" for line in lines)
    rows = [
        [
            f"{found.count:,}",
            *(load_words.sure_number(found, share) for share in ("p50", "p95", "p99")),
            load_words.number(found.max),
        ]
        for found in measured
    ]
    return Plot(
        key=f"delay{number}",
        title=title,
        hint=load_words.means(name),
        kind="band",
        unit="ms",
        lines=(*lines, *beside),
        axis=load_scale.delays([*known, *chain.from_iterable(filter(None, lines[1].ranges)), *_all(beside)]),
        summary=f"{title} over {load_words.duration(series.end_s * 1e3)}, logarithmic; the worst window: "
        f"{', '.join(worst)}.",
        header=("samples", "p50 ms", "p95 ms", "p99 ms", "max ms"),
        table=_table(series, rows),
    )


def _beside(series: Series, others: Others, value: Callable[[Point], float | None], of: str = "") -> Iterator[Line]:
    """The same of other runs, where they were measured over the same stretches."""
    for (label, other), style in zip(others, _BESIDE, strict=False):
        found = {(point.window.at_s, point.until_s): value(point) for point in other.points}
        values = tuple(_finite(found.get((point.window.at_s, point.until_s))) for point in series.points)
        if any(one is not None for one in values):
            yield Line(f"{label}{of}", "muted", style, values)


def _all(lines: Iterable[Line]) -> Iterator[float]:
    return chain.from_iterable(_known(line.values) for line in lines)


def _ranges(measured: Sequence[Quantiles]) -> Ranges:
    """Where p95, which gates are mostly set on, lies; nothing when it is not known anywhere, or there are too many."""
    found = tuple(None if one.p95 is None else load_words.interval(one, "p95") for one in measured)
    return found if len(found) <= MOST_RANGES and any(found) else ()


def alone(result: LoadResult, series: Series) -> str:
    """What fell into a single stretch, and so makes no line, in words; empty when there is no such measure."""
    titles = [
        load_words.title(name)
        for name, _ in load_words.measures(result)
        if sum(point.measure(name).p50 is not None for point in series.points) == 1 < len(series.points)
    ]
    if not titles:
        return ""
    told, (were, stand) = ", ".join(titles).capitalize(), ("was", "stands") if len(titles) == 1 else ("were", "stand")
    return f"{told} {were} measured at one moment only, and {stand} in the table of delays without a chart."


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
