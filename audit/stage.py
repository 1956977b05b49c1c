"""The stage: the only thing a scenario script talks to, besides the devices it hands out.

In a fault-free twin the disturbances (faults, going offline, freezing, reloading, leaving, stopping) do not happen; the
same script then shows what this target does when it is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .adapters.base import Answer
from .adversity import Adversity
from .device import Device
from .faults import Bandwidth, Blackhole, Close
from .faults.base import Fault
from .memory import Run
from .patience import Pace, Waits

__all__ = ["Pace", "Run", "Stage", "Waits"]

CRAWL = Bandwidth(1, direction="down")  # a thousand bytes a second: a few words of a chat's wire
LONGEST_BUDGET_S = 20.0  # a declared stop budget is waited out for so long at most
STILL_S, STILL_ITEMS = 0.25, 10  # for how long one listens to an answer that should be silent, in words at least


class Stage(Adversity):
    """What happens to devices, and what they do that is more than asking and watching."""

    async def inject(self, device: Device, fault: Fault) -> None:
        """A fault takes hold of a device's link. A close or reset is waited for, since the device would notice it.

        A device whose stream has ended already is spared, unless the fault would meet its next one.
        """
        if self.plan.twin:
            return
        if fault.reaches == "live" and not device.connected:
            self.note("spared", why=f"the {device.id} held no stream for the {fault.id} to strike")
            return
        await device.link.inject(fault)
        if fault.id in ("close", "reset"):
            await device.until(lambda: not device.connected, 1.0)

    async def lift(self, device: Device, fault: Fault) -> None:
        """The fault is over."""
        if not self.plan.twin:
            await device.link.lift(fault)

    async def offline(self, device: Device, seconds: float) -> None:
        """A device loses its network for so long."""
        if not self.plan.twin:
            await device.offline()
            await asyncio.sleep(seconds)
            await device.online()

    async def resume(self, device: Device) -> None:
        """A device comes back, where it had lost its stream."""
        if not device.connected:
            await device.resume(self.waits.resume_s)

    async def rejoin(self, device: Device) -> None:
        """A reloaded page opens the session again."""
        if not device.connected:
            await device.join(timeout=self.waits.resume_s)

    async def stop(self, device: Device, run: Run) -> None:
        """A user presses stop."""
        if not self.plan.twin:
            await device.stop(run, self.waits.resume_s)

    async def steer(self, device: Device, run: Run, text: str, key: str) -> Answer | None:
        """A user wishes something of a run that goes on; what the target answered."""
        return None if self.plan.twin else await device.steer(run, text, key, self.waits.resume_s)

    async def approve(self, device: Device, approval: str, granted: bool = True) -> Answer | None:
        """A user answers what a run asks for (in the twin, too: it would wait for ever)."""
        return await device.approve(approval, granted, self.waits.resume_s)

    async def doing(self, disturbance: Callable[[], object]) -> None:
        """Something happens to a device (`phone.freeze`, `phone.forget`): not in the twin."""
        if not self.plan.twin:
            done = disturbance()
            if asyncio.iscoroutine(done):
                await done

    def brake(self, device: Device, run: Run, seen: int) -> None:
        """A device's app will hang up exactly after so many words of a run."""
        if not self.plan.twin:
            device.brake(run, seen)

    async def braked(self, device: Device, run: Run) -> None:
        """Wait until it has."""
        if not self.plan.twin:
            await device.braked(self._patience.remaining(run) + self.waits.grace_s)

    async def absent(self, device: Device, run: Run) -> None:
        """A device loses its network until the run has ended: until another device is told so, or it must have."""
        if not self.plan.twin:
            await device.offline()
            self.mark("absent", until="ended", label=run.label)
            await self._patience.over(run)
            await asyncio.sleep(self._patience.remaining(run))
            await device.online()

    async def again(self, device: Device, run: Run) -> None:
        """The device never saw its prompt's answer and sends the same prompt once more, with the same key."""
        if not self.plan.twin:
            await device.prompt(run, self.waits.first_item_s)

    async def late_stop(self, device: Device, run: Run) -> None:
        """A stop for a run that is over arrives late. Hanging up cannot arrive late, so it is left out."""
        if device.adapter.traits.stop != "hangup":
            await self.stop(device, run)

    async def hang_up(self, device: Device) -> None:
        """A device's stream is gone: its own watchdog, or the user's thumb."""
        if not self.plan.twin:
            await device.give_up()

    async def flap(self, device: Device, after_bytes: int) -> None:
        """A device comes back, and its new connection breaks when so many bytes have come over it: before the target
        has answered, between the answer and the first item, or in the middle of what is replayed."""
        if self.plan.twin or device.connected:
            return
        cut = Close(after_bytes, reaches="new")
        await self.inject(device, cut)
        await device.resume(self.waits.resume_s)
        await device.until(lambda: not device.connected, self.waits.grace_s)
        await self.lift(device, cut)

    async def handover(self, device: Device) -> None:
        """A device changes its network: its old connection is dead and nobody tells the target, and it goes on from
        another address at once."""
        if not self.plan.twin:
            await self.inject(device, Blackhole())
            device.note("handover", source=device.link.roam())
            await device.give_up()

    async def slow(self, device: Device) -> None:
        """From now on a device takes next to nothing of what is sent to it. Before it opens a stream, at best: what a
        connection holds on its way is settled when it begins."""
        if not self.plan.twin:
            device.link.narrow(True)
            await self.inject(device, CRAWL)

    async def drain(self, device: Device) -> None:
        """It takes everything again; where the target has hung up on it meanwhile, it comes back."""
        if not self.plan.twin:
            device.link.narrow(False)
            await self.lift(device, CRAWL)
            await device.until(lambda: not device.connected, 0.1)
            await self.resume(device)

    async def silence(self, device: Device, seconds: float) -> None:
        """Nothing arrives on a device for so long; then its watchdog gives up."""
        if not self.plan.twin:
            await device.quiet(seconds, seconds + self.waits.resume_s)
            await device.give_up()

    async def together(self, *doings: Awaitable[object]) -> None:
        """Several things happen at the same moment (in this order, where that can be told)."""
        await asyncio.gather(*doings)

    async def outlast_stop(self, device: Device) -> None:
        """Let the time pass that output may still take after a stop, and fetch what has been written by then."""
        await self.pause(min(self.waits.stop_s, LONGEST_BUDGET_S))
        if not self.plan.twin and device.adapter.traits.history:
            await device.read(timeout=self.waits.resume_s)

    async def listen(self) -> None:
        """Let a moment pass in which what should be silent could speak, at the pace of this target."""
        await self.pause(max(STILL_S, STILL_ITEMS * self.pace.ms / 1e3))

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        if not self.plan.twin:
            await asyncio.sleep(seconds)
