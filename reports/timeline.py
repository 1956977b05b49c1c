"""The evidence of a gap as a picture: a lane a device, time from left to right. Pure geometry; a template draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from audit.result import Excerpt

from .figures import milliseconds
from .glyphs import COUNTED, LEGEND, MARK_WORDS, Glyph, label_of, shape_of, word
from .labels import Label, Wish, place
from .rows import STAGE, Row, describe, rows
from .scale import Scale, scale
from .spans import Span, spans
from .text import count, shorten, visible

WIDTH = 960.0
_LEFT, _RIGHT = 124.0, 936.0
_HEAD = 30.0  # above the first lane, where the script's moments are named; _MARGIN when there are none
_MARGIN = 2.0
_LANE = 92.0
_BETWEEN = 4.0  # lanes
_LINE = 46.0  # from the top of a lane to its line
_ABOVE = (28.0, 15.0)  # baselines of labels, from the top of a lane
_BELOW = (74.0, 85.0)
_FOOT = 44.0  # below the last lane: the axis
_MOST_LANES = 8
_TIP = 160
_WORD = 14


@dataclass(frozen=True, slots=True)
class Lane:
    """One device. judged: the finding speaks of it."""

    name: str
    kind: str
    top: float
    line: float
    judged: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """A moment of the script, through all lanes."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table that tells the same without a picture."""

    time: str
    who: str
    what: str
    mark: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the template draws, in the units of an SVG of WIDTH × height."""

    height: float
    axis: float
    lane_height: float
    lanes: tuple[Lane, ...]
    spans: tuple[Span, ...]
    glyphs: tuple[Glyph, ...]
    guides: tuple[Guide, ...]
    labels: tuple[Label, ...]
    scale: Scale
    legend: tuple[tuple[str, str], ...]
    table: tuple[Entry, ...]
    summary: str


def timeline(excerpt: Excerpt, device: str | None = None) -> Timeline | None:
    """Lay out an excerpt around the judged device; None when it holds nothing to draw."""
    known = rows(excerpt)
    shown = [row for row in known if not row.aside]
    head = _HEAD if any(row.lane == STAGE for row in shown) else _MARGIN
    lanes = _lanes(excerpt, shown, device, head)
    if not shown or not lanes:
        return None
    grid = scale(shown, [row.index for row in known if row.aside], _LEFT + 8, _RIGHT - 8)
    drawing = _Drawing(excerpt, shown, grid, {lane.name: lane for lane in lanes}, device)
    glyphs = tuple(drawing.glyphs())
    found = spans(shown, grid.xs, {lane.name: lane.top for lane in lanes}, _LEFT, _RIGHT)
    bottom = head + _LANE * len(lanes)
    return Timeline(
        height=bottom + _FOOT,
        axis=bottom + 8,
        lane_height=_LANE - _BETWEEN,
        lanes=lanes,
        spans=found,
        glyphs=glyphs,
        guides=tuple(drawing.guides()),
        labels=place([*drawing.wishes(), *map(_named, found), *_waits(grid, bottom + _FOOT - 5)], _LEFT, _RIGHT),
        scale=grid,
        legend=_legend(glyphs),
        table=tuple(_entry(row, excerpt.marks.get(str(row.index), ""), grid.digits) for row in known),
        summary=_summary(shown, lanes, excerpt),
    )


def _lanes(excerpt: Excerpt, shown: Sequence[Row], device: str | None, head: float) -> tuple[Lane, ...]:
    busy = dict.fromkeys(row.lane for row in shown if row.lane != STAGE)
    names = [name for name in {**excerpt.devices, **busy} if name in busy or name == device][:_MOST_LANES]
    return tuple(
        Lane(name, excerpt.devices.get(name, ""), top, top + _LINE, name == device)
        for name, top in ((name, head + _LANE * number) for number, name in enumerate(names))
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    excerpt: Excerpt
    shown: Sequence[Row]
    grid: Scale
    lanes: dict[str, Lane]
    device: str | None

    def _placed(self) -> Iterator[tuple[Row, float, Lane, str]]:
        """Each event on the lane where it is drawn, with its mark. An item that one device holds and the judged one
        misses is drawn twice: as it came to the one, and as a hole where the other should have it."""
        for row, x in zip(self.shown, self.grid.xs, strict=True):
            mark = self.excerpt.marks.get(str(row.index), "")
            if row.lane in self.lanes:
                yield row, x, self.lanes[row.lane], self._own(mark, row)
            if mark == "missing" and self.device in self.lanes and self.device not in (None, row.lane):
                yield row, x, self.lanes[self.device], mark

    def _own(self, mark: str, row: Row) -> str:
        """Where an item is said to be missing it cannot have arrived: what did arrive is evidence, or a witness."""
        if mark != "missing" or self.device not in self.lanes:
            return mark
        return "evidence" if row.lane == self.device else ""

    def glyphs(self) -> Iterator[Glyph]:
        for row, x, lane, mark in self._placed():
            shape = shape_of(row, mark)
            if shape:
                yield Glyph(x, lane.line, shape, mark == "evidence", _tip(row, mark, self.grid.digits))

    def guides(self) -> Iterator[Guide]:
        for row, x in zip(self.shown, self.grid.xs, strict=True):
            if row.lane == STAGE:
                yield Guide(x, _moment(row))

    def wishes(self) -> Iterator[Wish]:
        yield from (Wish(guide.x, guide.text, 1, (_HEAD - 14, _HEAD - 2), "moment") for guide in self.guides())
        done = {row.op: row for row in self.shown if row.op is not None}
        for row, x, lane, mark in self._placed():
            text, rank = label_of(row, done.get(row.index))
            if text and mark not in COUNTED:
                rank = 0 if mark else rank
                yield Wish(x, text, rank, _at(lane, _ABOVE), shape_of(row, mark))
        for lane in self.lanes.values():
            yield from self._words(lane)

    def _words(self, lane: Lane) -> Iterator[Wish]:
        """Under the line: what is wrong with a series of items, or else the first and the last word of it."""
        here = [(row, x, mark) for row, x, at, mark in self._placed() if at is lane and _is_item(row, mark)]
        for mark, found in groupby(here, key=lambda item: item[2] if item[2] in COUNTED else ""):
            series = list(found)
            if mark:
                yield _series(series, mark, lane)
            else:
                for row, x, _ in {id(item[0]): item for item in (series[0], series[-1])}.values():
                    yield Wish(x, shorten(word(row), _WORD), 4, _at(lane, _BELOW), "word")


def _is_item(row: Row, mark: str) -> bool:
    return mark in COUNTED or (row.phase == "seen" and row.what == "text")


def _series(series: Sequence[tuple[Row, float, str]], mark: str, lane: Lane) -> Wish:
    first, last = (shorten(word(item[0]), _WORD) for item in (series[0], series[-1]))
    named = first if len(series) == 1 else f"{first} … {last}" if first and last else ""
    number = f"{len(series)} " if len(series) > 1 else ""
    text = f"{number}{MARK_WORDS[mark]}" + (f": {named}" if named else "")
    x = (series[0][1] + series[-1][1]) / 2
    return Wish(x, text, 0, _at(lane, _BELOW), mark)


def _at(lane: Lane, baselines: Sequence[float]) -> tuple[float, ...]:
    return tuple(lane.top + baseline for baseline in baselines)


def _named(span: Span) -> Wish:
    at = tuple(span.y + baseline for baseline in (*reversed(_BELOW), *_ABOVE))
    return Wish(span.x + span.width / 2, span.kind, 2, at, "moment")


def _waits(grid: Scale, y: float) -> Iterator[Wish]:
    """Under the axis: how long nothing happened, and how many events are left out."""
    yield from (Wish(note.x, f"{note.text} pass", 0, (y,), "moment") for note in grid.folds)
    yield from (Wish(note.x, f"⋯ {note.text}", 1, (y,), "moment") for note in grid.cuts)


def _moment(row: Row) -> str:
    if row.what == "point":
        return "fault point missed" if row.value.get("missed") else "fault point"
    if row.what == "mark":
        return " ".join(filter(None, (row.told("name"), row.told("arm"))))
    return f"settled: {row.told('why')}" if row.what == "settled" else row.what


def _tip(row: Row, mark: str, digits: int) -> str:
    told = f"{milliseconds(row.t_ns, digits)} ms · {row.lane} · {describe(row)}"
    return visible(told + (f" · {MARK_WORDS.get(mark, mark)}" if mark else ""), _TIP)


def _entry(row: Row, mark: str, digits: int) -> Entry:
    time = milliseconds(row.t_ns, digits)
    return Entry(time, visible(row.who, 40), visible(describe(row), 240), MARK_WORDS.get(mark, mark))


def _legend(glyphs: Sequence[Glyph]) -> tuple[tuple[str, str], ...]:
    used = {glyph.shape for glyph in glyphs} | {"proof" for glyph in glyphs if glyph.proof}
    return tuple((shape, text) for shape, text in LEGEND.items() if shape in used)


def _summary(shown: Sequence[Row], lanes: Sequence[Lane], excerpt: Excerpt) -> str:
    """The picture in words, for whoever cannot see it."""
    names = ", ".join(visible(lane.name, 40) for lane in lanes)
    first, last = milliseconds(shown[0].t_ns), milliseconds(shown[-1].t_ns)
    marks = list(excerpt.marks.values())
    told = [f"{marks.count(mark)} {text}" for mark, text in MARK_WORDS.items() if mark in marks]
    counted = f" Marked: {', '.join(told)}." if told else ""
    return f"{count(len(shown), 'event')} on {count(len(lanes), 'lane')} ({names}), {first} to {last} ms.{counted}"
