"""Placing labels on a timeline without one covering another: the important ones first, the rest where room is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .text import columns, visible

_COLUMN = 6.9  # mean width of a character at the label's font size, in the SVG's units
_APART = 6.0
_LONGEST = 44


@dataclass(frozen=True, slots=True)
class Wish:
    """A label that would like to stand centered at x, in the first of `rows` with room. rank: 0 is placed first."""

    x: float
    text: str
    rank: int
    rows: tuple[float, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label that found its place: its center, its baseline, and the tone (a CSS class) it is written in."""

    x: float
    y: float
    text: str
    tone: str


def place(wishes: Iterable[Wish], left: float, right: float) -> tuple[Label, ...]:
    """Every label that fits, in the order of x. The others are left out: their marks stay, and the table tells."""
    taken: dict[float, list[tuple[float, float]]] = {}
    placed = []
    for wish in sorted(wishes, key=lambda wish: (wish.rank, wish.x)):
        label = _find(wish, taken, left, right)
        if label is not None:
            placed.append(label)
    return tuple(sorted(placed, key=lambda label: (label.x, label.y)))


def _find(wish: Wish, taken: dict[float, list[tuple[float, float]]], left: float, right: float) -> Label | None:
    text = visible(wish.text, _LONGEST)
    half = columns(text) * _COLUMN / 2
    x = min(max(wish.x, left + half), right - half)
    for y in wish.rows:
        if _is_free(taken.get(y, ()), x - half, x + half):
            taken.setdefault(y, []).append((x - half, x + half))
            return Label(round(x, 1), y, text, wish.tone)
    return None


def _is_free(taken: Sequence[tuple[float, float]], start: float, end: float) -> bool:
    return all(end + _APART <= a or b + _APART <= start for a, b in taken)
