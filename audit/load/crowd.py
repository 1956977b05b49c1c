"""The devices of one process: they walk the plan by its own clock, and everything they see is verified as it comes.

`python -m audit.load.crowd --url http://127.0.0.1:8787` runs one crowd alone, without Locust.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from ..adapters.base import Adapter
from ..event import Value
from ..target import Target
from .churn import Act, Churn, Schedule
from .descriptors import allow
from .device import LoadDevice
from .figures import WINDOW_S
from .ground import Ground
from .health import Health, memory_mb
from .report_of import INTERNAL
from .result import DIED
from .room import Room
from .storms import Storms
from .terms import Terms
from .wire.dial import Clock, Dialer, Place

START_S = 0.2  # from the first connection tried to the plan's zero
DRAIN_S = 15.0  # after the plan's end: for what is still on its way
EARLY_S = 3.0  # … after it was ended early
TICK_S = 0.1
WATCH_S = 1.0
DEAD_S = 10.0  # no stream stands and every attempt fails for so long: nobody is there any more
RARELY = 50_000  # objects made between two collections of the youngest


class Crowd:
    """All devices of one process, on the running event loop. nonce: makes this load's sessions unlike any other's.

    receive_clock: `kernel` measures when the kernel received a word instead of when this process read it.
    """

    def __init__(
        self,
        target: Target,
        adapter: Adapter,
        schedule: Schedule,
        churn: Churn,
        *,
        nonce: str,
        receive_clock: Clock = "app",
    ) -> None:
        self._target, self._schedule, self._churn, self._nonce, self._clock = (
            target,
            schedule,
            churn,
            nonce,
            receive_clock,
        )
        self._terms = Terms.of(target, adapter, churn)
        self._health = Health()
        self._devices: dict[int, LoadDevice] = {}
        self._storms = Storms(churn, 0.0)
        self._done = 0  # acts
        self._zero = self._window = 0.0  # the plan's zero and the current window, monotonic
        self._deadline: float | None = None
        self._ground: Ground | None = None
        self._refusals = 0  # when a stream stood last
        self._heard = 0.0  # … and when that was
        self._early = ""

    # -- the run --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Walk the whole plan, wait for what is still on its way, close. Unreachable when nothing answers at all."""
        allow(len(self._schedule.seats))
        place = await Place.of(self._target)
        self._settle_in(place)
        asyncio.get_running_loop().set_exception_handler(self._broke)
        with _rare_collections():
            self._start_the_clock()
            try:
                self._health.start()
                self._walk()
                await self._tend()
            finally:
                self._close()
                asyncio.get_running_loop().set_exception_handler(None)

    def finish(self, why: str = "finished early") -> None:
        """End it early: no further act, a moment for what is on its way, then the end. May be called again."""
        if self._deadline is None:
            self._early, self._deadline = why, monotonic() + EARLY_S

    @property
    def zero(self) -> float:
        """When the plan began, or begins (monotonic seconds); 0 before that is known."""
        return self._zero

    def take(self) -> dict[str, Value]:
        """What was measured since the last call, by measure (`Histogram.dump`): for live statistics."""
        return self._terms.tally.take()

    def totals(self) -> Value:
        """Everything so far, as plain JSON; those of several processes add up (`report_of.merge_totals`)."""
        return {
            "processes": 1,
            "devices": len(self._schedule.seats),
            "sessions": len({seat.session for seat in self._schedule.seats}),
            "acts": [len(self._schedule.acts), self._done],
            **self._terms.tally.totals(),
            "windows": self._terms.tally.windows,
            "storms": self._storms.dump(),
            "health": self._health.dump(),
            "samples": self._terms.samples.found,
            "partial": self._early,
        }

    # -- its parts ------------------------------------------------------------------------------------------------

    def _settle_in(self, place: Place) -> None:
        seats = self._schedule.seats
        loop = asyncio.get_running_loop()
        dialer = Dialer(place, self._clock, self._health.errors, len(seats))
        ground = self._ground = Ground(self._terms, dialer, loop, self._health)
        rooms = {seat.session: Room(f"{self._nonce}-{seat.session}") for seat in seats}
        self._devices = {seat.device: LoadDevice(seat, rooms[seat.session], ground) for seat in seats}

    def _start_the_clock(self) -> None:
        """From here on every delay counts, so this comes after all that takes its time (a full collection does)."""
        self._zero = self._window = self._terms.started_at = monotonic() + START_S
        self._storms = Storms(self._churn, self._zero)

    def _walk(self) -> None:
        """Begin every act that is due, then wait for the next."""
        acts, now = self._schedule.acts, monotonic()
        while self._deadline is None and self._done < len(acts) and self._zero + acts[self._done].at_s <= now:
            act = acts[self._done]
            self._done += 1
            self._health.behind.append(now - self._zero - act.at_s)
            self._begin(act)
            now = monotonic()
        if self._deadline is None and self._done < len(acts):
            wait = self._zero + acts[self._done].at_s - now
            asyncio.get_running_loop().call_later(max(wait, 0.001), self._walk)

    def _begin(self, act: Act) -> None:
        device, intended = self._devices[act.device], self._zero + act.at_s
        match act.what:
            case "arrive":
                self._terms.tally.devices += 1
                device.arrive(intended)
            case "prompt":
                device.prompt(act.number, intended)
            case "stop":
                device.stop(act.number, intended)
            case "steer":
                device.steer(act.number, intended)
            case "drop":
                storm = self._storms.at(act.at_s) if act.cut == "rst" else None
                device.drop(act, intended, storm)
            case "leave":
                device.leave(intended)

    async def _tend(self) -> None:
        """Fold, turn windows, watch; until the plan is over and everybody has what they wait for."""
        watched = self._zero
        while not self._ended(now := monotonic()):
            self._fold(now)
            if now >= self._window + WINDOW_S:
                self._turn()
            if now >= watched:
                self._watch(now)
                watched += WATCH_S
            await asyncio.sleep(TICK_S)

    def _ended(self, now: float) -> bool:
        end = self._zero + self._churn.seconds
        if self._deadline is None and now >= end:
            self._deadline = end + DRAIN_S
        if self._deadline is None:
            return False
        return now >= self._deadline or all(device.settled for device in self._devices.values())

    def _fold(self, now: float) -> None:
        fresh = self._terms.tally.fold()
        if "item_delay" in fresh:
            self._storms.live(fresh["item_delay"], now)
        self._health.fold()

    def _turn(self) -> None:
        at_s = self._window - self._zero
        self._terms.tally.turn(round(at_s, 3))
        self._health.turn()
        if at_s <= self._churn.seconds / 3:
            self._health.memory_mb[0] = memory_mb()
        self._window += WINDOW_S

    def _watch(self, now: float) -> None:
        for device in self._devices.values():
            device.watch(now)
        ground = self._ground
        if ground is None or ground.open_lines or ground.refusals == self._refusals:
            self._heard = now
        elif now - self._heard > DEAD_S:
            self.finish(f"{DIED} {self._heard - self._zero:.0f} s after the load began")
        self._refusals = ground.refusals if ground is not None and ground.open_lines else self._refusals

    def _broke(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something of ours raised: the load goes on, and proves nothing."""
        error = context.get("exception")
        self._terms.tally.error(f"{INTERNAL}{error!r}" if error is not None else f"{INTERNAL}{context['message']}")

    def _close(self) -> None:
        self._health.stop()
        self._health.memory_mb[1] = memory_mb()
        for device in self._devices.values():
            device.close(judge=not self._early)
        self._turn()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Thousands of devices live as long as the load: no collection has to look at them again, and few are needed."""
    kept, frozen = gc.get_threshold(), gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    gc.set_threshold(RARELY, *kept[1:])
    try:
        yield
    finally:
        gc.set_threshold(*kept)
        if not frozen:
            gc.unfreeze()


if __name__ == "__main__":
    from .alone import main

    main()
