"""From a load in steps to what the target can carry: where it stops keeping up (the knee), and a model of how its
throughput grows, with intervals. Pure; imports numpy, so import it only where a capacity is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Literal

import numpy as np

from .churn import Churn
from .figures import WINDOW_S
from .result import Window
from .scaling import fit

SAME = 0.08  # devices come and go: counts this close are one step
SHORT = 0.10  # of proportional throughput: a target that is this far behind has stopped keeping up
FELT_MS = 10.0  # a delay that doubles below this is the machine's noise, and nobody feels it
SHARE = 0.70  # of the highest throughput: what to plan for; the rest is for storms and lost instances
STEPS_NEEDED = 4  # one more than the law has free numbers
DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """One level of devices. devices: how many, on average; rate: what they got a second, all together; p95_ms: of the
    delay they felt (None: too few samples); points: (devices, rate) of each window at this level."""

    devices: float
    rate: float
    p95_ms: float | None
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Knee:
    """The first step at which the target no longer kept up, and why that is said."""

    devices: float
    why: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CapacityModel:
    """The Universal Scalability Law (`scaling`) through the measured steps. A model, not a measurement: see `caveat`.

    rate: words or resumes a second of one device alone; contention, crosstalk: σ and κ; r2: how much of the variance of
    the throughput it explains; largest: the most devices that were measured; peak: devices at the highest throughput
    (None: none in sight); comfortable: devices at 70 % of it, never more than were measured.
    """

    rate: Estimate
    contention: Estimate
    crosstalk: Estimate
    r2: float
    steps: int
    largest: float
    peak: float | None
    comfortable: Estimate
    caveat: str

    def instances(self, devices: int) -> Estimate:
        """How many instances of the size that was measured so many devices would need, each at its 70 % point."""
        each = self.comfortable
        return Estimate(*(float(math.ceil(devices / per)) for per in (each.value, each.high, each.low)))


def busy_until(churn: Churn) -> float:
    """When the first devices of this plan have no time left for another prompt; throughput falls from then on."""
    return churn.seconds - churn.run_s - churn.think_s


def steps_of(
    windows: Sequence[Window],
    of: Literal["words", "resumes"] = "words",
    measure: str = "item_delay",
    until_s: float = math.inf,
) -> tuple[Step, ...]:
    """The levels of a load, fewest devices first.

    A window counts when the one before it held as many devices: in the first window of a level its devices are still
    arriving. Windows that end after `until_s` do not count (see `busy_until`).
    """
    used = [window for window in windows if window.devices > 0 and window.at_s + WINDOW_S <= until_s]
    settled = [after for before, after in pairwise(used) if _same(before.devices, after.devices)]
    levels: list[list[Window]] = []
    for window in sorted(settled, key=lambda each: each.devices):
        if levels and _same(fmean(each.devices for each in levels[-1]), window.devices):
            levels[-1].append(window)
        else:
            levels.append([window])
    return tuple(_step(level, of, measure) for level in levels)


def knee(steps: Sequence[Step]) -> Knee | None:
    """The first step that is 10 % short of the throughput that is proportional to the lowest one's, or at which the p95
    delay is twice as long as there. None: the target kept up all the way."""
    for step in steps[1:]:
        first = steps[0]
        proportional = first.rate * step.devices / first.devices
        if step.rate <= proportional * (1 - SHORT):
            short = 1 - step.rate / proportional
            return Knee(step.devices, f"throughput is {short:.0%} short of proportional at {step.devices:,.0f} devices")
        if step.p95_ms is not None and first.p95_ms is not None and step.p95_ms >= max(2 * first.p95_ms, FELT_MS):
            grown = f"from {first.p95_ms:,.0f} to {step.p95_ms:,.0f} ms"
            return Knee(step.devices, f"the p95 delay grew {grown} at {step.devices:,.0f} devices")
    return None


def modelled(steps: Sequence[Step], seed: int = 1, draws: int = DRAWS) -> tuple[CapacityModel | None, str]:
    """The model, or None and the reason why these steps carry none."""
    if len(steps) < STEPS_NEEDED:
        return None, f"needs {STEPS_NEEDED} different numbers of devices, there are {len(steps)} (use a load in steps)"
    points = np.array([point for step in steps for point in step.points], dtype=np.float64)
    if points[:, 1].min() <= 0:
        silent = points[points[:, 1] <= 0][0, 0]
        return None, f"nothing arrived for ten seconds at {silent:,.0f} devices"
    found = fit(points[:, 0], points[:, 1], seed, draws)
    if found.adjusted <= 0:
        return None, "the law fits no better than a flat line: throughput does not follow the number of devices"
    largest, best = float(points[:, 0].max()), found.law
    point = best.point(SHARE)
    comfortable = _estimate(min(point, largest), (min(law.point(SHARE), largest) for law in found.draws))
    return CapacityModel(
        rate=Estimate(best.rate, found.lows.rate, found.highs.rate),
        contention=Estimate(best.contention, found.lows.contention, found.highs.contention),
        crosstalk=Estimate(best.crosstalk, found.lows.crosstalk, found.highs.crosstalk),
        r2=found.r2,
        steps=len(steps),
        largest=largest,
        peak=best.peak() if math.isfinite(best.peak()) else None,
        comfortable=comfortable,
        caveat=_caveat(steps, found.r2, point > largest),
    ), ""


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(one, other)


def _step(level: Sequence[Window], of: Literal["words", "resumes"], measure: str) -> Step:
    points = tuple((float(each.devices), getattr(each, of) / WINDOW_S) for each in level)
    delays = [each.measures[measure].p95 for each in level if measure in each.measures]
    known = [delay for delay in delays if delay is not None]
    return Step(
        fmean(devices for devices, _ in points),
        fmean(rate for _, rate in points),
        median(known) if known else None,
        points,
    )


def _estimate(value: float, draws: Iterable[float]) -> Estimate:
    low, high = np.quantile(np.fromiter(draws, dtype=np.float64), (0.025, 0.975))
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def _caveat(steps: Sequence[Step], r2: float, beyond: bool) -> str:
    span = f"{steps[0].devices:,.0f} to {steps[-1].devices:,.0f} devices"
    words = [
        f"A model fitted to {len(steps)} steps of {span} (R² {r2:.2f}), not a measurement.",
        "It takes instances to share nothing: what they have in common, a database or a bus, can give out sooner.",
    ]
    if beyond:
        words.append("The target was not driven to its limit, so an instance is counted at the most that was measured.")
    return " ".join(words)
