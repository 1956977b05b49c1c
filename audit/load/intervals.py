"""How sure a quantile is: between which of the sorted samples it lies, whatever their distribution. Pure."""

from __future__ import annotations

import math

from .figures import GROWTH, ZERO, Histogram

CONFIDENCE = 0.95
_FAR = 8.0  # standard deviations from the mean of a binomial, beyond which nothing is left


def interval(histogram: Histogram, share: float, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Where the quantile lies, with at least this confidence; None when there are too few samples for both ends.

    As wide as the buckets at both ends are. It takes the samples for independent of each other, which those of one
    stall are not. Order statistics: David and Nagaraja, Order Statistics, 3rd edition, section 7.1.
    """
    low, high = ranks(histogram.count, share, confidence)
    if low < 1 or high > histogram.count:
        return None
    return _edge(histogram, low, 0), min(_edge(histogram, high, 1), histogram.largest)


def ranks(count: int, share: float, confidence: float = CONFIDENCE) -> tuple[int, int]:
    """The two of `count` sorted samples (from 1) between which the quantile lies. 0, count + 1: beyond all of them."""
    tail = (1 - confidence) / 2
    return _below(count, share, tail), count + 1 - _below(count, 1 - share, tail)


def _below(count: int, share: float, tail: float) -> int:
    """The largest rank that lies above the quantile with no more than this probability: that fewer than so many of
    the samples are below it, of which each is with probability `share`."""
    mean, deviation = count * share, math.sqrt(count * share * (1 - share))
    rank = max(math.floor(mean - _FAR * deviation), 0)
    chance = _binomial(count, share, rank)
    seen = chance
    while seen <= tail:
        chance *= (count - rank) / (rank + 1) * share / (1 - share)
        rank += 1
        seen += chance
    return rank


def _binomial(count: int, share: float, times: int) -> float:
    """The probability of exactly so many hits."""
    ways = math.lgamma(count + 1) - math.lgamma(times + 1) - math.lgamma(count - times + 1)
    return math.exp(ways + times * math.log(share) + (count - times) * math.log1p(-share))


def _edge(histogram: Histogram, rank: int, side: int) -> float:
    """The lower (0) or the upper (1) end of the bucket that the sample of this rank is in."""
    seen = 0
    for key in sorted(histogram.buckets):
        seen += histogram.buckets[key]
        if seen >= rank:
            return math.exp((key + side) * GROWTH) if key != ZERO else 0.0
    return histogram.largest
