"""What happens to a session that is no fault of a network: false cursors, expired credentials, restarts, strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from .device import Device
from .forgery import Forged, forged
from .memory import Run
from .scene import Scene

NOTICED_S = 0.5  # after a credential has expired, a target that looks after that has noticed it
KNOCK_S = 0.05  # between two tries of a device that cannot get in
BACK_S = 30.0  # so long after its restart a target may take until somebody can come back
WAITS_S = {"quick": 10.0, "standard": 20.0, "deep": 60.0}  # by profile: the longest promise that is waited for
PAST = 1.1  # a promised time is over when this many times as much has passed


class Adversity(Scene):
    """A part of the stage: none of it happens in the twin."""

    def forge(self, device: Device, kind: Forged, other: Device | None = None) -> None:
        """A device will come back with a cursor that nobody gave it: see forgery.py. other: whose cursor is foreign."""
        if self.plan.twin:
            return
        cursor = forged(kind, device.cursor, other.cursor if other else None, device.adapter.traits.cursor)
        if cursor is None:
            self.note("unforged", why=f"a {kind} cursor cannot be made where cursors are like this")
            return
        self.mark("cursor", device=device.id, kind=kind, own=device.cursor, cursor=cursor)
        device.carry(cursor)

    async def expired(self, device: Device, run: Run, ttl_s: float) -> None:
        """Wait until the target hangs up on a device whose credential has expired, or until it must have noticed."""
        if not self.plan.twin:
            gone = lambda: not device.connected or device.ended(run)  # noqa: E731
            await device.until(gone, ttl_s + NOTICED_S)

    async def renew(self, device: Device) -> None:
        """A device's app gets a fresh credential for it."""
        if not self.plan.twin and self._behind is not None:
            await self._behind.renew(device)

    async def restart(self) -> None:
        """The target is started again; returns when whoever does that says that it is done."""
        if self.plan.twin or self._behind is None:
            return
        self.note("hook", name="restart", state="begun")
        done = await self._behind.restart()
        failed = {"failed": done.exit_code} if done.exit_code != 0 else {}
        self.note("hook", name="restart", state="done", took_s=done.took_s, **failed)

    async def knock(self, device: Device, until: Awaitable[None]) -> None:
        """While something happens, a device that is new to the session tries to join it, again and again."""
        happening = asyncio.ensure_future(until)
        while not happening.done() and not self.plan.twin:
            if await device.join(timeout=self.waits.resume_s):
                await device.give_up()
            await asyncio.wait((happening,), timeout=KNOCK_S)
        await happening
        await self.back(device)

    async def back(self, device: Device) -> None:
        """A device keeps trying until it has its stream again, or the target's time to be back is over."""
        end = self._record.now_ns() + int(BACK_S * 1e9)
        while not device.connected and self._record.now_ns() < end:
            await (device.resume if device.cursor else device.join)(timeout=self.waits.resume_s)
            if not device.connected:
                await asyncio.sleep(KNOCK_S)

    def anew(self, run: Run) -> None:
        """A run that was held up has as long as at its beginning."""
        self._patience.start(run)

    @property
    def retention_s(self) -> float | None:
        """How long the target promises to keep what a device missed, if this profile waits so long; None: it does
        not."""
        declared = self._behind.retention_s if self._behind is not None else None
        longest = WAITS_S.get(self.plan.profile, 0.0)
        if declared is not None and declared > longest:
            self.mark("retention", retention_s=declared, longest_s=longest)
        return declared if declared is not None and declared <= longest else None

    async def absent_for(self, device: Device, run: Run, retention_s: float) -> None:
        """A device stays away until a run's end is further back than the target promises to keep it."""
        if not self.plan.twin:
            away_s = retention_s * PAST + 0.5
            self.mark("retention", device=device.id, label=run.label, retention_s=retention_s, waited_s=away_s)
            await device.offline()
            await self._patience.over(run)
            await asyncio.sleep(self._patience.remaining(run) + away_s)
            await device.online()

    async def intrude(self, device: Device, run: Run, cursor: str | None) -> None:
        """Somebody else tries what a device of the session could: follow it, read it, resume, steer and stop."""
        if self.plan.twin:
            return
        timeout = self.waits.resume_s
        await device.join(run, timeout)
        await device.read(timeout=timeout)
        await device.give_up()
        device.carry(cursor)
        await device.resume(timeout)
        traits = device.adapter.traits
        if traits.steers:
            await device.steer(run, "say something else", f"{run.key}-steer", timeout)
        if traits.stop == "command":
            await device.stop(run, timeout)
