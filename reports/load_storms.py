"""Storms: everyone cut at once. How fast they had everything again, and what the others felt meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from audit.load.outlook import Outlook
from audit.load.result import LoadResult, Quantiles, StormResult

from . import load_outlook, load_scale, load_words
from .load_bars import Bar, Ruler, ruler
from .load_scale import Axis
from .load_series import NONE
from .text import count

MOST = 12
WIDTH, HEIGHT = 400.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 388.0, 12.0, 124.0
_ALL = 0.99
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of the cut devices that have everything again, over the seconds since the cut. when: x of 99 %."""

    path: str
    xticks: tuple[tuple[float, str], ...]
    yticks: tuple[tuple[float, str], ...]
    goal: float
    when: float | None


@dataclass(frozen=True, slots=True)
class Live:
    """Item delay of the devices that were not cut: meanwhile, and over the whole run. ends: where each quantile
    lies, empty where that is not known."""

    label: str
    cells: tuple[str, ...]
    ends: tuple[str, ...]
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Storm:
    """One storm. came: what came of it, in words. recovered: shown large; never: it was not recovered from. model: the
    simulated one beside it, in words."""

    key: str
    title: str
    recovered: str
    never: bool
    came: str
    curve: Curve | None
    ruler: Ruler
    live: tuple[Live, ...]
    model: str


def storms(result: LoadResult, outlook: Outlook | None = None) -> tuple[Storm, ...]:
    """The first MOST of them, in order of time."""
    return tuple(_storm(number, storm, result, outlook) for number, storm in enumerate(_ordered(result)[:MOST], 1))


def spans(result: LoadResult, end_s: float) -> tuple[tuple[float, float], ...]:
    """From the cut until 99 % were caught up, in seconds of the run; to its end when they never were."""
    return tuple(
        (storm.at_s, end_s if storm.recovered_s is None else min(storm.at_s + storm.recovered_s, end_s))
        for storm in _ordered(result)
        if 0 <= storm.at_s < end_s
    )


def _ordered(result: LoadResult) -> Sequence[StormResult]:
    return sorted((storm for storm in result.storms if isfinite(storm.at_s)), key=lambda storm: storm.at_s)


def _storm(number: int, storm: StormResult, result: LoadResult, outlook: Outlook | None) -> Storm:
    whole = result.measures.get("item_delay", NONE)
    scale, came = ruler((storm.live_delay_ms, whole)), _came(storm)
    return Storm(
        key=f"storm{number}",
        title=f"At {load_scale.clock(storm.at_s, result.seconds)}: {count(storm.devices, 'device')} cut at once",
        recovered="never" if storm.recovered_s is None else load_words.duration(storm.recovered_s * 1e3),
        never=storm.recovered_s is None,
        came=f"{came[:1].upper()}{came[1:]}.",
        curve=_curve(storm),
        ruler=scale,
        live=(
            _live("during the storm", storm.live_delay_ms, scale),
            _live("whole run", whole, scale),
        ),
        model=load_outlook.told(outlook, storm.at_s),
    )


def sentences(result: LoadResult) -> tuple[str, ...]:
    """The first MOST of them in words, for reports without pictures."""
    return tuple(told(storm, result) for storm in _ordered(result)[:MOST])


def told(storm: StormResult, result: LoadResult) -> str:
    """`At 20 s, 5,000 devices cut at once: 99 % of them had everything again after 3.2 s, 12 resumes refused.`"""
    at = load_scale.clock(storm.at_s, result.seconds)
    return f"At {at}, {count(storm.devices, 'device')} cut at once: {_came(storm)}."


def _came(storm: StormResult) -> str:
    back = (
        "99 % of them never had everything again before the run ended"
        if storm.recovered_s is None
        else f"99 % of them had everything again after {load_words.duration(storm.recovered_s * 1e3)}"
    )
    refused = f"{count(storm.refused, 'resume')} refused" if storm.refused else "no resume refused"
    return f"{back}, {refused}"


def _live(label: str, found: Quantiles, scale: Ruler) -> Live:
    shares = ("p50", "p95", "p99")
    cells = tuple(load_words.number(getattr(found, share)) for share in shares)
    ends = tuple(load_words.between(found, share) for share in shares)
    return Live(label, cells, ends, scale.bar(found))


def _curve(storm: StormResult) -> Curve | None:
    """None when the run did not keep the way back, only how long it took."""
    points = [(at, share) for at, share in storm.recovery if isfinite(at) and isfinite(share) and at >= 0]
    if len(points) < 2:
        return None
    time = load_scale.times(max(points[-1][0], storm.recovered_s or 0.0) * 1.04)
    return Curve(
        path="".join(_steps(points, time)),
        xticks=tuple((_x(time, value), text) for value, text in time.ticks),
        yticks=tuple((_y(share), f"{share:.0%}".replace("%", " %")) for share in (0.0, 0.5, _ALL)),
        goal=_y(_ALL),
        when=None if storm.recovered_s is None else _x(time, storm.recovered_s),
    )


def _steps(points: Sequence[tuple[float, float]], time: Axis) -> Iterator[str]:
    yield f"M{_x(time, 0.0):g} {_y(0.0):g}"
    for at, share in [*points[:: -(-len(points) // _MOST_STEPS)], points[-1]]:
        yield f"H{_x(time, at):g}V{_y(share):g}"
    yield f"H{RIGHT:g}"


def _x(time: Axis, at: float) -> float:
    return round(LEFT + time.at(at) * (RIGHT - LEFT), 1)


def _y(share: float) -> float:
    return round(BOTTOM - min(max(share, 0.0), 1.0) * (BOTTOM - TOP), 1)
