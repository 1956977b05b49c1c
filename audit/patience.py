"""How long a script waits: for as long as somebody can still learn something, and not longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .device import Device
from .memory import Run

SLACK = 1.5  # a target may take this much longer than its measured pace before it counts as silent


@dataclass(frozen=True, slots=True)
class Pace:
    """How this target streams, measured on its twins: mean ms between items, and whether it counts as asked."""

    ms: float = 10.0
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Waits:
    """Deadlines of a trial in seconds."""

    first_item_s: float = 8.0
    resume_s: float = 4.0
    grace_s: float = 1.5


class Patience:
    """Knows when each run was asked for, and so when it must have ended."""

    def __init__(self, now_ns: Callable[[], int], pace: Pace, waits: Waits, cast: dict[str, Device]) -> None:
        self.waits = waits
        self._now_ns, self._pace, self._cast = now_ns, pace, cast
        self._since: dict[str, tuple[Run, int]] = {}

    def start(self, run: Run) -> None:
        """The clock of a run starts."""
        self._since[run.label] = (run, self._now_ns())

    def forget(self, run: Run) -> None:
        """The run was refused: nobody waits for it."""
        self._since.pop(run.label, None)

    def remaining(self, run: Run) -> float:
        """Seconds until a run must have ended, by the pace measured on this target; 0 when it is known to be over."""
        if run.label not in self._since or self.told(run):
            return 0.0
        gone = (self._now_ns() - self._since[run.label][1]) / 1e9
        return max(0.0, SLACK * run.items * self._pace.ms / 1e3 - gone)

    def told(self, run: Run) -> bool:
        """Has any device been told that the run is over?"""
        return any(device.ended(run) for device in self._cast.values())

    async def until(self, device: Device, condition: Callable[[], bool], run: Run) -> bool:
        """Wait for a device to come to a point of a run."""
        return await device.until(condition, self.remaining(run) + self.waits.first_item_s)

    async def over(self, run: Run) -> None:
        """Wait until some device is told that a run has ended, or until it must have."""
        watchers = [device for device in self._cast.values() if _follows(device, run)]
        if self.told(run):
            return
        if not watchers:
            await self._unseen(run)
            return
        waits = [asyncio.create_task(device.until(lambda: self.told(run), self._limit(run))) for device in watchers]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

    async def settle(self) -> Literal["ended", "deadline", "nobody"]:
        """Wait until every device that follows a run is told its end (or its stream has ended, or it must have)."""
        runs = [run for run, _ in self._since.values()]
        pairs = [(device, run) for run in runs for device in self._cast.values() if _follows(device, run)]
        if not pairs:
            for run in runs:
                await self._unseen(run)
            return "nobody"
        met = await asyncio.gather(*(self._end_of(device, run) for device, run in pairs))
        return "ended" if all(met) else "deadline"

    async def _end_of(self, device: Device, run: Run) -> bool:
        return await device.until(lambda: device.ended(run) or not device.connected, self._limit(run))

    async def _unseen(self, run: Run) -> None:
        """Nobody sees the run; where a transcript can be read later, let it come to its end."""
        if any(device.adapter.traits.history for device in self._cast.values()):
            await asyncio.sleep(self.remaining(run))

    def _limit(self, run: Run) -> float:
        return self.remaining(run) + self.waits.grace_s


def _follows(device: Device, run: Run) -> bool:
    """Is the end of a run still to come to this device: it asked, it has seen some of it, or all runs of the session
    come on its stream (a device that has just joined is on its way to it)?"""
    traits = device.adapter.traits
    everything = traits.subscribes and traits.observable
    return device.connected and (everything or device.following is run or device.seen(run) > 0)
