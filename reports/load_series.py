"""The windows of a run as columns: what the charts draw and their tables tell. A long run is thinned, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from audit.load.figures import WINDOW_S
from audit.load.result import LoadResult, Quantiles, Window

MOST = 180  # points; half an hour of windows
NONE = Quantiles(0, None, None, None, None, None)
FAULTS = ("lost", "repeated", "reordered")


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the run, of one window or of several. after: the plan was over or ended early, and what was under
    way could still end; how long that took is not known."""

    window: Window
    until_s: float
    after: bool = False

    @property
    def length_s(self) -> float:
        """How long it is; never zero."""
        return self.until_s - self.window.at_s

    @property
    def middle_s(self) -> float:
        """Where it is drawn."""
        return (self.window.at_s + self.until_s) / 2

    def rate(self, counted: int) -> float | None:
        """That many in it, per second."""
        return None if self.after else counted / self.length_s

    def measure(self, name: str) -> Quantiles:
        """A measure in it; without samples when there were none."""
        return self.window.measures.get(name, NONE)


@dataclass(frozen=True, slots=True)
class Series:
    """points: in order of time. each: how many windows a point stands for."""

    points: tuple[Point, ...]
    each: int

    @property
    def end_s(self) -> float:
        """Where the last point ends."""
        return self.points[-1].until_s if self.points else 0.0


def series(result: LoadResult) -> Series:
    """The run over time, in at most MOST points. Counts of merged windows add up; delays are the worst of them."""
    windows = sorted((_checked(window) for window in result.windows), key=lambda window: window.at_s)
    points = list(_points(windows, result.seconds, result.interrupted))
    each = -(-len(points) // MOST)
    if each <= 1:
        return Series(tuple(points), 1)
    return Series(tuple(_merged(points[at : at + each]) for at in range(0, len(points), each)), each)


def _points(windows: Sequence[Window], seconds: float, interrupted: bool) -> Iterator[Point]:
    for at, window in enumerate(windows):
        until = windows[at + 1].at_s if at + 1 < len(windows) else _end(window, seconds)
        if until > window.at_s:
            cut_short = interrupted and at + 1 == len(windows)
            yield Point(window, until, after=at > 0 and (window.at_s >= seconds or cut_short))


def _end(window: Window, seconds: float) -> float:
    """Of the last window: with the plan, or at its full length."""
    whole = window.at_s + WINDOW_S
    return min(seconds, whole) if seconds - window.at_s >= 1.0 else whole


def _checked(window: Window) -> Window:
    return window if isfinite(window.at_s) and window.at_s >= 0 else replace(window, at_s=0.0)


def _merged(points: Sequence[Point]) -> Point:
    windows = [point.window for point in points]
    names = dict.fromkeys(name for window in windows for name in window.measures)
    summed = {key: sum(getattr(window, key) for window in windows) for key in ("words", "resumes", "refused", *FAULTS)}
    whole = Window(
        at_s=windows[0].at_s,
        devices=max(window.devices for window in windows),
        measures={name: _worst([window.measures.get(name, NONE) for window in windows]) for name in names},
        **summed,
    )
    return Point(whole, points[-1].until_s, points[0].after)


def _worst(found: Sequence[Quantiles]) -> Quantiles:
    """Quantiles do not add up: the largest of each."""

    def largest(key: str) -> float | None:
        return max((value for each in found if (value := getattr(each, key)) is not None), default=None)

    count = sum(each.count for each in found)
    return Quantiles(count, largest("p50"), largest("p95"), largest("p99"), largest("mean"), largest("max"))
