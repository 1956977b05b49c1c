"""The stage: the only thing a scenario script talks to, besides the devices it hands out.

In a fault-free twin the disturbances (faults, going offline, freezing, reloading, leaving, stopping) do not happen; the
same script then shows what this target does when it is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .adapters.base import Answer
from .device import Device
from .faults.base import Fault
from .memory import Run
from .patience import Pace, Waits
from .scene import Scene

__all__ = ["Pace", "Run", "Stage", "Waits"]


class Stage(Scene):
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

    async def silence(self, device: Device, seconds: float) -> None:
        """Nothing arrives on a device for so long; then its watchdog gives up."""
        if not self.plan.twin:
            await device.quiet(seconds, seconds + self.waits.resume_s)
            await device.give_up()

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        if not self.plan.twin:
            await asyncio.sleep(seconds)
