"""Stretches of time on a lane: a device without network, a frozen tab, a fault that lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .rows import Row

_CLOSES = {"online": "offline", "thaw": "freeze"}
_NAMES = {"offline": "offline", "freeze": "frozen", "fault": "fault"}


@dataclass(frozen=True, slots=True)
class Span:
    """A shaded stretch of the lane whose top is y. kind: offline, frozen or fault."""

    x: float
    width: float
    y: float
    kind: str


def spans(
    shown: Sequence[Row], xs: Sequence[float], tops: Mapping[str, float], left: float, right: float
) -> tuple[Span, ...]:
    """Every span. One that opened before the excerpt starts at the left edge, one still open runs to the right edge.

    A fault is a span only when the excerpt shows that it was lifted: most faults strike once.
    """
    open_at: dict[tuple[str, str], float] = {}
    found = []
    for row, x in zip(shown, xs, strict=True):
        starts, ends = _edge(row)
        if row.lane in tops and starts:
            open_at.setdefault((row.lane, starts), x)
        elif row.lane in tops and ends:
            found.append((row.lane, ends, open_at.pop((row.lane, ends), left), x))
    lasting = [(lane, kind, x, right) for (lane, kind), x in open_at.items() if kind != "fault"]
    return tuple(Span(a, round(b - a, 1), tops[lane], _NAMES[kind]) for lane, kind, a, b in [*found, *lasting])


def _edge(row: Row) -> tuple[str, str]:
    """What this event opens and what it closes."""
    if row.phase != "note":
        return "", ""
    if row.what == "fault":
        state = row.told("state")
        return ("fault" if state == "struck" else ""), ("fault" if state == "lifted" else "")
    return (row.what if row.what in _CLOSES.values() else ""), _CLOSES.get(row.what, "")
