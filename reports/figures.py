"""Numbers as people read them: scores, rates with their uncertainty, measured values with units."""

from __future__ import annotations

from math import ceil, floor

from audit.result import CapabilityScore, Judgment


def score(value: float | None) -> str:
    """A score from 0 to 100, rounded down so that only a perfect one reads 100; `?` when there is none."""
    return "?" if value is None else str(floor(value + 1e-9))


def span(found: CapabilityScore) -> str:
    """`38–52`: the score if all that could not be proven were gaps, or passes. Empty when it is exact."""
    if is_exact(found):
        return ""
    return f"{score(found.floor)}–{ceil(found.ceiling - 1e-9)}"


def ranged(found: CapabilityScore) -> str:
    """`48 (38–52)`: the score, with its span where it is not exact."""
    return f"{score(found.score)} ({span(found)})" if span(found) else score(found.score)


def is_exact(found: CapabilityScore) -> bool:
    """True when nothing inconclusive makes the score uncertain."""
    return found.score is not None and found.ceiling - found.floor < 0.5


def rate(found: Judgment) -> str:
    """`3/10`: trials with a gap of all conclusive ones; empty when nothing was concluded."""
    return f"{found.gaps}/{found.trials}" if found.trials else ""


def interval(found: Judgment) -> str:
    """The 95 % Wilson interval of the gap rate: `44–100 %`; empty when nothing was concluded."""
    if not found.trials:
        return ""
    return f"{found.low * 100:.0f}–{found.high * 100:.0f} %"


def odds(found: Judgment) -> str:
    """`3/10 (11–60 %)`: the rate, never without its interval; empty when nothing was concluded."""
    return f"{rate(found)} ({interval(found)})" if found.trials else ""


def measured(found: Judgment) -> str:
    """The median and, where trials differ, the range: `1,240 ms (180–4,020)`. Empty when the rule measures nothing."""
    if found.value is None:
        return ""
    middle = amount(found.value, found.unit)
    if found.spread is None or found.spread[0] == found.spread[1]:
        return middle
    low, high = (number(edge, found.unit) for edge in found.spread)
    return f"{middle} ({low}–{high})"


def amount(value: float, unit: str) -> str:
    """A value with its unit; a `share` is shown in percent."""
    shown = number(value, unit)
    if unit == "share":
        return f"{shown} %"
    return f"{shown} {unit}".strip()


def number(value: float, unit: str = "") -> str:
    """Three significant digits below 100, whole numbers above, thousands separated."""
    scaled = value * 100 if unit == "share" else value
    if abs(scaled) >= 100 or scaled == round(scaled):
        return f"{scaled:,.0f}"
    return f"{scaled:.3g}"


def milliseconds(t_ns: int, digits: int = 0) -> str:
    """A time in milliseconds, without the unit: `12`, `1,240`, or `0.4` with one digit."""
    return f"{t_ns / 1_000_000:,.{digits}f}"


def weight(value: float) -> str:
    """A rule's weight: `10`, `7.5`, `0`."""
    return f"{value:g}"
