"""How much a server takes, and how fast: beyond that it refuses by name, and says when to come back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import randrange


@dataclass(frozen=True, slots=True)
class Limits:
    """streams: the most connections that follow something.

    session_commands_per_s, subject_commands_per_s: commands to one session, and with tokens of one subject; None: any
    number. burst_s: what was not used in this time may be used at once.
    """

    streams: int = 100_000
    session_commands_per_s: float | None = 500.0
    subject_commands_per_s: float | None = 500.0
    burst_s: float = 2.0


class Buckets:
    """A token bucket a name: `rate_per_s` go in, up to `burst`; each command takes one out. Starts full.

    clock: seconds. Memory is bounded by the names of the last `burst / rate_per_s` seconds: a full bucket is forgotten.
    """

    def __init__(self, rate_per_s: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate_per_s = rate_per_s
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # and when; the longest untouched first

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, name: str) -> float:
        """0 when there was one to take, else the seconds until there is."""
        now = self._clock()
        self._forget_full(now)
        level, then = self._levels.get(name, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate_per_s)
        wait_s = 0.0 if level >= 1 else (1 - level) / self._rate_per_s
        self._levels[name] = (level if wait_s else level - 1, now)
        self._levels.move_to_end(name)
        return wait_s

    def _forget_full(self, now: float) -> None:
        full_after_s = self._burst / self._rate_per_s
        while self._levels and next(iter(self._levels.values()))[1] + full_after_s <= now:
            self._levels.popitem(last=False)


def spread_ms(wait_s: float) -> int:
    """When to come back, in milliseconds: after the wait and up to twice that, and a second, so that those who are
    told at the same time do not come at the same time."""
    wait_ms = ceil(wait_s * 1_000)
    return wait_ms + randrange(wait_ms + 1_000)
