"""The Universal Scalability Law and how it is fitted: X(N) = λN / (1 + σ(N−1) + κN(N−1)). Pure; imports numpy.

λ: the throughput of one device alone; σ: contention (the share of work that is done in single file); κ: crosstalk (what
every device costs every other). N. J. Gunther, *Guerrilla Capacity Planning*, Springer 2007, chapters 4–6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS, HALVINGS = 15, 8
NOTHING = 1e-9  # of a parameter, scaled so that 1 matters
_BOTH = (0, 1)  # σ and κ, as columns of `_Grid.columns`


@dataclass(frozen=True, slots=True)
class Law:
    """One curve. rate: λ, per second; contention: σ; crosstalk: κ."""

    rate: float
    contention: float
    crosstalk: float

    def throughput(self, devices: float) -> float:
        """Per second, with so many devices at once."""
        return self.rate * self._gain(devices)

    def peak(self) -> float:
        """How many devices give the highest throughput; infinite when it never falls."""
        if self.contention >= 1:
            return 1.0
        return max(1.0, math.sqrt((1 - self.contention) / self.crosstalk)) if self.crosstalk > 0 else math.inf

    def point(self, share: float) -> float:
        """How many devices reach this share (below 1) of the highest throughput; infinite when there is no highest.

        It is the smaller root of gain(N) = share · highest gain, a quadratic equation in N.
        """
        sigma, kappa, highest = self.contention, self.crosstalk, self._highest()
        if sigma >= 1 or math.isinf(highest):
            return 1.0 if sigma >= 1 else math.inf
        gain = share * highest
        linear = 1 - gain * (sigma - kappa)
        root = math.sqrt(max(0.0, linear * linear - 4 * gain * gain * kappa * (1 - sigma)))
        return max(1.0, 2 * gain * (1 - sigma) / (linear + root))

    def _gain(self, devices: float) -> float:
        return devices / (1 + self.contention * (devices - 1) + self.crosstalk * devices * (devices - 1))

    def _highest(self) -> float:
        peak = self.peak()
        if math.isfinite(peak):
            return self._gain(peak)
        return 1 / self.contention if self.contention > 0 else math.inf


@dataclass(frozen=True, slots=True)
class Fit:
    """λ, σ and κ as estimated. lows, highs: the ends of their 95 % intervals; draws: curves that could be as well.

    r2: the share of the variance of the throughput that the curve explains; adjusted: the same, less what three free
    numbers would explain anyway.
    """

    law: Law
    lows: Law
    highs: Law
    draws: tuple[Law, ...]
    r2: float
    adjusted: float


def fit(devices: Floats, rates: Floats, seed: int, draws: int) -> Fit:
    """The law through measured points (all above 0). Errors are taken to be relative ones, as counts have them.

    Intervals are studentized bootstrap intervals (Efron and Tibshirani 1993, section 12.5), which stay honest with few
    points; σ and κ below 0 are unphysical, so estimate and intervals end there.
    """
    grid = _Grid(devices)
    logs = np.log(rates)[None, :]
    free = grid.solve(logs, _BOTH)
    errors = grid.errors(free, logs)
    resampled = grid.resample(free[0], errors[0], np.random.default_rng(seed), draws)
    again = grid.solve(resampled, _BOTH)
    spread, spreads = grid.deviations(free, logs)[0], grid.deviations(again, resampled)
    possible = free - (again - free) / spreads * spread
    best = grid.law(_feasible(grid, logs, free))
    low, high = map(grid.law, np.quantile(possible, (0.025, 0.975), axis=0))
    r2 = _explained(rates, np.array([best.throughput(each) for each in devices]))
    freedom = (len(devices) - 1) / max(1, len(devices) - 3)
    laws = tuple(map(grid.law, grid.moved_inside(possible, free[0])))
    return Fit(best, _each(min, best, low), _each(max, best, high), laws, r2, 1 - (1 - r2) * freedom)


class _Grid:
    """The measured concurrencies, and rows of parameters (log λ, σ·n, κ·n²) for n = the largest of them."""

    def __init__(self, devices: Floats) -> None:
        self.largest = float(devices.max())
        self.logs = np.log(devices)
        self.columns = np.stack([(devices - 1) / self.largest, devices * (devices - 1) / self.largest**2])

    def law(self, row: Floats) -> Law:
        """One row as a curve."""
        contention, crosstalk = max(0.0, float(row[1])), max(0.0, float(row[2]))
        return Law(math.exp(max(-700.0, min(700.0, row[0]))), contention / self.largest, crosstalk / self.largest**2)

    def solve(self, logs: Floats, used: tuple[int, ...]) -> Floats:
        """Gauss–Newton on log throughput, all rows at once, with steps halved until they help."""
        rows = self._start(logs, used)
        for _ in range(ROUNDS):
            gradient = self._gradient(rows, used)
            steps = np.zeros_like(rows)
            steps[:, [0, *(1 + each for each in used)]] = _least_squares(gradient, self.errors(rows, logs))
            if np.abs(steps).max() < NOTHING:
                break
            rows = self._better(rows, steps, logs)
        return rows

    def errors(self, rows: Floats, logs: Floats) -> Floats:
        """Measured minus fitted, as logarithms; infinite where a row is no curve."""
        bottom = 1 + rows[:, 1:] @ self.columns
        with np.errstate(invalid="ignore", divide="ignore"):
            fitted = rows[:, :1] + self.logs - np.log(bottom)
        return np.where(bottom > 0, logs - fitted, np.inf)

    def resample(self, row: Floats, errors: Floats, rng: np.random.Generator, draws: int) -> Floats:
        """Measurements that could have been: the fitted ones with errors drawn from those there were."""
        gradient = self._gradient(row[None, :], _BOTH)[0]
        leverage = ((gradient @ np.linalg.pinv(gradient.T @ gradient)) * gradient).sum(1)
        scaled = errors / np.sqrt(np.maximum(1 - leverage, 0.05))
        scaled -= scaled.mean()
        fitted = row[0] + self.logs - np.log(1 + row[1:] @ self.columns)
        return np.asarray(fitted + scaled[rng.integers(len(errors), size=(draws, len(errors)))])

    def deviations(self, rows: Floats, logs: Floats) -> Floats:
        """The standard deviation of each parameter of each row."""
        gradient, errors = self._gradient(rows, _BOTH), self.errors(rows, logs)
        variance = (errors**2).sum(1) / max(1, len(self.logs) - 3)
        inverse = np.linalg.pinv(np.einsum("bip,biq->bpq", gradient, gradient))
        return np.asarray(np.sqrt(np.maximum(np.einsum("bpp->bp", inverse) * variance[:, None], 1e-24)))

    def moved_inside(self, rows: Floats, around: Floats) -> Floats:
        """Rows whose σ or κ is below 0, moved to where it is 0 at the least cost in fit, the rest moving with it."""
        gradient = self._gradient(around[None, :], _BOTH)[0]
        covariance = np.linalg.pinv(gradient.T @ gradient)
        found = rows.copy()
        for held in ([2], [1], [1, 2]):
            outside = (found[:, held] < -NOTHING).any(1)
            slope = covariance[:, held] @ np.linalg.pinv(covariance[held][:, held])
            found[outside] -= found[outside][:, held] @ slope.T
        return found

    def _start(self, logs: Floats, used: tuple[int, ...]) -> Floats:
        """N/X is linear in (1, σ, κ)/λ: weighted least squares on that; a straight line where it leads nowhere."""
        measured = np.exp(self.logs - logs)
        design = np.stack([np.ones_like(self.logs), *self.columns[list(used)]], axis=1)
        found = _least_squares(design[None] / measured[:, :, None], np.ones_like(measured))
        rows = np.zeros((len(logs), 3))
        rows[:, 0] = (logs - self.logs).mean(1)
        good = found[:, 0] > 0
        linear = np.zeros((int(good.sum()), 3))
        linear[:, 0] = -np.log(found[good, 0])
        linear[:, [1 + each for each in used]] = found[good, 1:] / found[good, :1]
        usable = np.isfinite(self.errors(linear, logs[good])).all(1)
        rows[np.flatnonzero(good)[usable]] = linear[usable]
        return rows

    def _gradient(self, rows: Floats, used: tuple[int, ...]) -> Floats:
        """Of log throughput by the used parameters: row × point × parameter."""
        bottom = 1 + rows[:, 1:] @ self.columns
        return np.stack([np.ones_like(bottom), *(-self.columns[each] / bottom for each in used)], axis=2)

    def _better(self, rows: Floats, steps: Floats, logs: Floats) -> Floats:
        """Each row after its step, halved until the errors shrink; where they do not, the row stays."""
        before = (self.errors(rows, logs) ** 2).sum(1)
        found, waiting = rows.copy(), np.ones(len(rows), dtype=bool)
        for halving in range(HALVINGS):
            tried = rows + steps / 2**halving
            helps = waiting & ((self.errors(tried, logs) ** 2).sum(1) <= before)
            found[helps] = tried[helps]
            waiting &= ~helps
        return found


def _feasible(grid: _Grid, logs: Floats, free: Floats) -> Floats:
    """The best row whose σ and κ are not below 0: with one or both of them held at 0 when it must be."""
    if (free[0, 1:] >= 0).all():
        return np.asarray(free[0])
    tried = [grid.solve(logs, used) for count in (1, 0) for used in combinations(_BOTH, count)]
    allowed = [rows for rows in tried if (rows[0, 1:] >= 0).all()]
    return np.asarray(min(allowed, key=lambda rows: float((grid.errors(rows, logs) ** 2).sum()))[0])


def _least_squares(design: Floats, wanted: Floats) -> Floats:
    """Row by row, by the normal equations: the columns are few and of one scale."""
    square = np.einsum("bip,biq->bpq", design, design)
    right = np.einsum("bip,bi->bp", design, wanted)
    ridge = 1e-12 * np.einsum("bpp->b", square)[:, None, None] * np.eye(design.shape[2])
    return np.asarray(np.linalg.solve(square + ridge, right[:, :, None])[:, :, 0])


def _explained(measured: Floats, fitted: Floats) -> float:
    total = float(((measured - measured.mean()) ** 2).sum())
    return 1 - float(((measured - fitted) ** 2).sum()) / total if total > 0 else 0.0


def _each(choose: Callable[[float, float], float], one: Law, other: Law) -> Law:
    return Law(
        choose(one.rate, other.rate),
        choose(one.contention, other.contention),
        choose(one.crosstalk, other.crosstalk),
    )
