"""The colors of the report: legible on every ground, and verdicts apart for every kind of color vision."""

from __future__ import annotations

import re
from itertools import combinations
from math import dist
from typing import TypeAlias

import pytest

from reports.html import style

Color: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Color, Color, Color]

# Machado, Oliveira and Fernandes 2009, severity 1.0.
VISION: dict[str, Matrix] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def themes() -> dict[str, dict[str, str]]:
    found = [
        dict(re.findall(r"--([\w-]+):\s*(#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style(), re.S)
    ]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def linear(color: str) -> Color:
    digits = color.removeprefix("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    r, g, b = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return _linear(r), _linear(g), _linear(b)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(a), linear(b)))
    return (high + 0.05) / (low + 0.05)


def lab(color: Color) -> Color:
    r, g, b = (min(max(channel, 0.0), 1.0) for channel in color)
    x, y, z = (
        _cube(total)
        for total in (
            (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
            0.2126 * r + 0.7152 * g + 0.0722 * b,
            (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _cube(total: float) -> float:
    return float(total ** (1 / 3)) if total > 0.008856 else 7.787 * total + 16 / 116


def seen(color: str, vision: Matrix) -> Color:
    source = linear(color)
    r, g, b = (sum(a * c for a, c in zip(row, source, strict=True)) for row in vision)
    return lab((r, g, b))


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_is_legible_on_every_ground(theme: str) -> None:
    colors = themes()[theme]
    for ink in ("ink", "muted", "accent", "pass", "gap", "unsure", "na", "fair"):
        for ground in ("page", "panel", "shade"):
            assert contrast(colors[ink], colors[ground]) >= 4.5, (ink, ground)
    for ground in ("pass", "gap", "unsure", "fair"):
        assert contrast(colors["on-solid"], colors[ground]) >= 4.5, ground


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("vision", VISION)
def test_verdicts_stay_apart(theme: str, vision: str) -> None:
    colors = themes()[theme]
    for a, b in combinations(("pass", "gap", "unsure"), 2):
        assert dist(seen(colors[a], VISION[vision]), seen(colors[b], VISION[vision])) >= 20, (a, b)
