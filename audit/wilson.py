"""How sure a rate is, from few trials. Pure."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a rate (E. B. Wilson, 1927), which holds for few trials and for rates of 0 and 1 too.

    [0, 1] when nothing was tried.
    """
    if trials == 0:
        return 0.0, 1.0
    rate, z2 = hits / trials, Z95 * Z95
    center = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 / (1 + z2 / trials) * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials * trials))
    low = 0.0 if hits == 0 else max(0.0, center - half)
    high = 1.0 if hits == trials else min(1.0, center + half)
    return round(low, 4), round(high, 4)
