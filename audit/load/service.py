"""How many resumes a second a target answers, from a measured storm: what the simulation has to be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .churn import Storm
from .result import StormResult

FEWEST = 20  # devices: fewer are back before there is anything to measure
RECOVERED = 0.99  # of the devices, as `StormResult.recovered_s` counts them
KEPT_UP, BLINK_S = 1.1, 0.02  # times the planned returns, and a little: then the target was never the bottleneck


@dataclass(frozen=True, slots=True)
class Service:
    """Resumes a second. at_least: the target kept up with everybody who came, so it can do more than this."""

    rate: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'at least ' if self.at_least else ''}{self.rate:,.0f} resumes a second"


def service(measured: StormResult, planned: Storm) -> Service | None:
    """What the target answered from the first planned return until 99 % were caught up. None: that never came.

    Everything that a resume takes is in it: the connection, the replay, and the live words that others get meanwhile.
    """
    if measured.recovered_s is None or measured.devices < FEWEST:
        return None
    busy_s = measured.recovered_s - planned.away_s
    if busy_s <= 0:
        return None
    return Service(RECOVERED * measured.devices / busy_s, busy_s <= KEPT_UP * RECOVERED * planned.jitter_s + BLINK_S)


def best_known(found: Iterable[Service]) -> Service | None:
    """Of several storms: a rate at its limit says more than one that was never reached; then the lowest of those, for
    that is what one can count on. Of rates that were never reached, the highest."""
    everything = tuple(found)
    limits = [each for each in everything if not each.at_least]
    if limits:
        return min(limits, key=lambda each: each.rate)
    return max(everything, key=lambda each: each.rate, default=None)
