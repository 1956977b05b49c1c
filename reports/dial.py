"""A score as a dial: an arc filled up to the score, with the range that the unproven leaves open. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

from audit.result import CapabilityScore

from . import figures

SIZE = 120.0
_CENTER = SIZE / 2
_RADIUS = 48.0
_OUTER = 57.0  # of the range, outside the score
_FROM, _SWEEP = 150.0, 240.0  # degrees clockwise from three o'clock: open at the bottom


@dataclass(frozen=True, slots=True)
class Dial:
    """SVG paths of the arcs (empty when there is nothing to draw), the texts, and the tone of the score."""

    track: str
    value: str
    spread: str
    needle: tuple[float, float, float, float] | None
    score: str
    span: str
    tone: str
    summary: str


def dial(title: str, found: CapabilityScore) -> Dial:
    """The dial of one capability."""
    exact = figures.is_exact(found)
    return Dial(
        track=arc(0, 100),
        value=arc(0, found.score) if found.score is not None else "",
        spread="" if exact else arc(found.floor, found.ceiling, _OUTER),
        needle=None if found.score is None else _needle(found.score),
        score=figures.score(found.score),
        span=figures.span(found),
        tone=tone(found.score),
        summary=_summary(title, found),
    )


def tone(score: float | None) -> str:
    """`good` from 80, `fair` from 50, else `poor` (SSL Labs' thresholds for A and C); `unsure` without a score."""
    if score is None:
        return "unsure"
    return "good" if score >= 80 else "fair" if score >= 50 else "poor"


def arc(start: float, end: float, radius: float = _RADIUS) -> str:
    """SVG path of the arc between two scores (0 to 100); empty when it has no length."""
    a, b = (min(max(score, 0.0), 100.0) for score in (start, end))
    if b <= a:
        return ""
    (x1, y1), (x2, y2) = _point(a, radius), _point(b, radius)
    large = int((b - a) / 100 * _SWEEP > 180)
    return f"M{x1} {y1}A{radius:g} {radius:g} 0 {large} 1 {x2} {y2}"


def _needle(score: float) -> tuple[float, float, float, float]:
    return (*_point(score, _RADIUS - 9), *_point(score, _RADIUS + 9))


def _point(score: float, radius: float) -> tuple[float, float]:
    angle = (_FROM + _SWEEP * min(max(score, 0.0), 100.0) / 100) * pi / 180
    return round(_CENTER + radius * cos(angle), 2), round(_CENTER + radius * sin(angle), 2)


def _summary(title: str, found: CapabilityScore) -> str:
    if found.score is None:
        return f"{title}: no score, nothing could be concluded; between {figures.span(found)}."
    ranged = figures.span(found)
    return f"{title}: {figures.score(found.score)} of 100" + (f", between {ranged}." if ranged else ".")
