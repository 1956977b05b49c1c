"""How long a script waits: for as long as somebody can still learn something, and not longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal

from .device import Device
from .memory import Run

SLACK = 1.5  # a target may take this much longer than its measured pace before it counts as silent
UNSEEN = 2  # … and so many times that where nobody watches: a busy target is slow, and no word coming tells us so
NEWS_S = 0.5  # an ending that one device was told is on its way to the others for so long
POLL_S = 0.3  # how often a transcript is read while it is all that can tell


@dataclass(frozen=True, slots=True)
class Pace:
    """How this target streams, measured on its twins: mean ms between items, whether it counts as asked, and its
    longest pause between two items (ms; the median over the twins, since some scenarios ask for one)."""

    ms: float = 10.0
    counts: bool = True
    pause_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Deadlines of a trial in seconds. stop_s: how long output may go on after an acknowledged stop."""

    first_item_s: float = 8.0
    resume_s: float = 4.0
    grace_s: float = 1.5
    stop_s: float = 1.0


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

    def remaining(self, run: Run, times: float = 1) -> float:
        """Seconds until a run must have ended, by the pace measured on this target; 0 when it is known to be over.

        times: how much longer than usual it may take.
        """
        if run.label not in self._since or self.told(run):
            return 0.0
        gone = (self._now_ns() - self._since[run.label][1]) / 1e9
        return max(0.0, times * SLACK * run.items * self._pace.ms / 1e3 - gone)

    def told(self, run: Run) -> bool:
        """Has any device been told that the run is over?"""
        return any(device.ended(run) for device in self._cast.values())

    async def until(self, device: Device, condition: Callable[[], bool], run: Run) -> bool:
        """Wait for a device to come to a point of a run. From there, only what is left of the run takes time."""
        met = await device.until(condition, self.remaining(run) + self.waits.first_item_s)
        if run.label in self._since and device.seen(run):
            begun = self._now_ns() - int(device.seen(run) * self._pace.ms * 1e6)
            self._since[run.label] = (run, max(begun, self._since[run.label][1]))
        return met

    async def over(self, run: Run) -> None:
        """Wait until some device is told that a run has ended, and the others can have been; or until it must have."""
        watchers = [device for device in self._cast.values() if _follows(device, run)]
        if not self.told(run):
            await (self._first_news(run, watchers) if watchers else self._unseen(run))
        if self.told(run):
            await asyncio.gather(*(device.until(partial(_is_told, device, run), NEWS_S) for device in watchers))

    async def _first_news(self, run: Run, watchers: list[Device]) -> None:
        """Wait until one of them is told, or until all of them must have been."""
        waits = {asyncio.create_task(self._watch(device, run, lambda: self.told(run))) for device in watchers}
        pending = waits
        while pending and not self.told(run):
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
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
        return await self._watch(device, run, partial(_is_told, device, run))

    async def _watch(self, device: Device, run: Run, condition: Callable[[], bool]) -> bool:
        """Wait for a condition until the run must have ended; while its words keep coming it is slow, not silent."""
        while True:
            seen = device.seen(run)
            if await device.until(condition, self._limit(run)):
                return True
            if not seen < device.seen(run) < run.items:
                return False

    async def _unseen(self, run: Run) -> None:
        """Nobody sees the run: wait until a transcript holds all of it, or until it must have ended."""
        readers = [device for device in self._cast.values() if device.adapter.traits.history]
        left = self.remaining(run, UNSEEN)
        if not readers or not left:
            return
        first = self.remaining(run, 1 / SLACK)
        await asyncio.sleep(first)
        for _ in range(ceil((left + self.waits.grace_s - first) / POLL_S)):
            if await self._is_written(run, readers):
                return
            await asyncio.sleep(POLL_S)

    async def _is_written(self, run: Run, readers: list[Device]) -> bool:
        """Does a transcript tell that the run is over: by an ending, or by every word that was asked for?"""
        there = [device for device in readers if not device.away]
        if not there or not await there[-1].read(timeout=self.waits.resume_s):
            return False
        answer = there[-1].session.answer(run, there[-1].transcript)
        if answer is None or answer.ending == "running":
            return False
        return answer.ending is not None or (run.asked is not None and len(answer.text.split()) >= run.items)

    def _limit(self, run: Run) -> float:
        return self.remaining(run) + self.waits.grace_s


def _is_told(device: Device, run: Run) -> bool:
    """Nothing more of a run is to come to this device."""
    return device.ended(run) or not device.connected


def _follows(device: Device, run: Run) -> bool:
    """Is the end of a run still to come to this device: it asked, it has seen some of it, or all runs of the session
    come on its stream (a device that has just joined is on its way to it)?"""
    traits = device.adapter.traits
    everything = traits.subscribes and traits.observable
    return device.connected and (everything or device.following is run or device.seen(run) > 0)
