"""Many timers on one of the event loop's: a device that comes back costs no timer of its own there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic

_LEAST_S = 0.001  # uvloop's timers know no less

Act = Callable[[float], None]


class Timer:
    """One act that is still to come, unless it is cancelled."""

    __slots__ = ("act",)

    def __init__(self, act: Act | None) -> None:
        self.act = act

    def cancel(self) -> None:
        """Do not do it."""
        self.act = None


class Timers:
    """Acts by when they are due (monotonic seconds). late: told how many seconds after that each of them begins."""

    def __init__(self, loop: asyncio.AbstractEventLoop, late: Callable[[float], None]) -> None:
        self._loop, self._late = loop, late
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._handle: asyncio.TimerHandle | None = None
        self._set_for = float("inf")

    def at(self, due: float, act: Act) -> Timer:
        """Call `act` with its intended instant when that has come, never before this call returns."""
        timer = Timer(act)
        heappush(self._heap, (due, next(self._order), timer))
        if due < self._set_for:
            self._set(due)
        return timer

    def _set(self, due: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._set_for = due
        wait = due - monotonic()
        self._handle = self._loop.call_later(max(wait, _LEAST_S) if wait > 0 else 0, self._run)

    def _run(self) -> None:
        """Do everything that is due; what raises does not keep the rest from being done."""
        self._handle, self._set_for = None, float("inf")
        heap = self._heap
        try:
            while heap and heap[0][0] <= (now := monotonic()):
                due, _, timer = heappop(heap)
                if timer.act is not None:
                    self._late(now - due)
                    timer.act(due)
        finally:
            if heap and heap[0][0] < self._set_for:
                self._set(heap[0][0])
