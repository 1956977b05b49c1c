"""What became of each storm of the plan: who was cut, when they were back, what others felt. Pure: told the time."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..event import Value
from .churn import Churn, Storm
from .figures import Histogram

OVER_S = 60.0  # how long the delays of live words count as those of a storm that some device never came back from


@dataclass(slots=True)
class StormTally:
    """One storm. at: its instant, monotonic seconds. cut, back: devices. live: delays of live words meanwhile (ms), on
    all devices that were up to date."""

    at: float
    cut: int = 0
    back: int = 0
    refused: int = 0
    recovery: Histogram = field(default_factory=Histogram)
    live: Histogram = field(default_factory=Histogram)

    def caught_up(self, at: float) -> None:
        """One of its devices has everything that was said."""
        self.back += 1
        self.recovery.add((at - self.at) * 1e3)

    def going_on(self, now: float) -> bool:
        """Is anybody still on the way back?"""
        return self.at <= now < self.at + OVER_S and (self.back < self.cut or not self.cut)

    def dump(self) -> Value:
        """As JSON; storms of several processes add up."""
        return {
            "devices": self.cut,
            "refused": self.refused,
            "recovery": self.recovery.dump(),
            "live": self.live.dump(),
        }


class Storms:
    """The storms of a plan, by their instant in it."""

    def __init__(self, churn: Churn, started_at: float) -> None:
        self._plan: tuple[Storm, ...] = churn.storms
        self._tallies = {storm.at_s: StormTally(started_at + storm.at_s) for storm in churn.storms}

    def at(self, at_s: float) -> StormTally | None:
        """The storm of exactly this instant of the plan."""
        return self._tallies.get(at_s)

    def live(self, delays: Histogram, now: float) -> None:
        """Live words came with these delays just now."""
        for storm in self._tallies.values():
            if storm.going_on(now):
                storm.live.merge(delays)

    def dump(self) -> list[Value]:
        """As JSON, in the plan's order."""
        return [{"at_s": storm.at_s, **self._tallies[storm.at_s].dump()} for storm in self._plan]
