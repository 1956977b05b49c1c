"""A model of how a target's throughput grows with its devices, with intervals. Pure; imports numpy, so import it only
where a capacity is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from .capacity_result import CapacityModel, Estimate
from .scaling import Fit, fit
from .steps import Step

SHARE = 0.70  # of the highest throughput: what to plan for; the rest is for storms and lost instances
STEPS_NEEDED = 4  # one more than the law has free numbers
DRAWS = 1_000
BEYOND = 1.25  # times the most that was measured: so far the curve is told
POINTS = 41  # of the curve


def modelled(
    steps: Sequence[Step], seed: int = 1, draws: int = DRAWS, held: float = math.inf
) -> tuple[CapacityModel | None, str]:
    """The model, or None and the reason why these steps carry none. held: the most devices that the target carried."""
    different = len({step.devices for step in steps})
    if different < STEPS_NEEDED:
        return None, f"needs {STEPS_NEEDED} different numbers of devices, there are {different} that prove something"
    points = np.array([(step.devices, step.rate) for step in steps], dtype=np.float64)
    if points[:, 1].min() <= 0:
        silent = points[points[:, 1] <= 0][0, 0]
        return None, f"nothing arrived in time at {silent:,.0f} devices"
    found = fit(points[:, 0], points[:, 1], seed, draws)
    if found.adjusted <= 0:
        return None, "the law fits no better than a flat line: throughput does not follow the number of devices"
    largest, best = float(points[:, 0].max()), found.law
    point, most = best.point(SHARE), min(largest, held)
    comfortable = _estimate(min(point, most), (min(law.point(SHARE), most) for law in found.draws))
    return CapacityModel(
        rate=Estimate(best.rate, found.lows.rate, found.highs.rate),
        contention=Estimate(best.contention, found.lows.contention, found.highs.contention),
        crosstalk=Estimate(best.crosstalk, found.lows.crosstalk, found.highs.crosstalk),
        r2=found.r2,
        steps=different,
        largest=largest,
        peak=best.peak() if math.isfinite(best.peak()) else None,
        comfortable=comfortable,
        caveat=_caveat(steps, found.r2, point > most),
        curve=tuple(_curve(found, float(points[:, 0].min()), largest * BEYOND)),
    ), ""


def _curve(found: Fit, low: float, high: float) -> Iterable[tuple[float, float, float, float]]:
    for devices in np.linspace(low, high, POINTS).tolist():
        best = found.law.throughput(devices)
        draws = np.fromiter((law.throughput(devices) for law in found.draws), dtype=np.float64)
        least, most = np.quantile(draws, (0.025, 0.975))
        yield devices, best, min(best, float(least)), max(best, float(most))


def _estimate(value: float, draws: Iterable[float]) -> Estimate:
    low, high = np.quantile(np.fromiter(draws, dtype=np.float64), (0.025, 0.975))
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def _caveat(steps: Sequence[Step], r2: float, beyond: bool) -> str:
    numbers = {step.devices for step in steps}
    span = f"{min(numbers):,.0f} to {max(numbers):,.0f} devices"
    words = [
        f"A model fitted to {len(numbers)} steps of {span} (R² {r2:.2f}), not a measurement.",
        "It takes instances to share nothing: what they have in common, a database or a bus, can give out sooner.",
    ]
    if beyond:
        words.append("Its throughput showed no limit up to there, so an instance is counted at the most that held.")
    return " ".join(words)
