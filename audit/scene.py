"""Where a script plays: its devices, what they are asked to ask for, and how long everybody waits.

Nothing here disturbs anything; the stage (stage.py) does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from random import Random
from typing import Protocol

from .device import Device
from .event import Phase, Value
from .load.result import HookResult
from .memory import Run, Session
from .patience import Pace, Patience, Waits
from .recorder import Recorder
from .scenario import TrialPlan
from .target import CountingOracle, Special

PLAIN = ""
WIDE = "tok-{:04d}·é漢🙂"
TWIN_ITEMS = 40
STANDSTILL_S, STANDSTILL_ITEMS = 3.0, 60  # no word for so long, at the usual pace: no more are on their way
RETURNS = 3  # of a device whose stream the target itself ends, while everything settles


@dataclass(frozen=True, slots=True)
class Role:
    """Whose a device is. stranger: another user's. elsewhere: it is in another session of its user, not in that of the
    trial. ttl_s: its credential expires after so many seconds."""

    stranger: bool = False
    elsewhere: bool = False
    ttl_s: float | None = None

    def told(self) -> Value:
        """What a history says of it: nothing of an ordinary one."""
        return {name: value for name, value in asdict(self).items() if value}


class Make(Protocol):
    """Makes a device of a kind."""

    def __call__(self, kind: str, role: Role) -> Awaitable[Device]:
        """`kind` names it as well."""


class Behind(Protocol):
    """What can be done that no device can do (backstage.py). retention_s: how long the target promises to keep what a
    device missed; None: it does not say."""

    @property
    def retention_s(self) -> float | None:
        """Seconds."""
        ...

    async def renew(self, device: Device) -> None:
        """A device gets a fresh credential."""
        ...

    async def restart(self) -> HookResult:
        """The target is started again. TargetError when there is no way."""
        ...


class Scene:
    """One trial: hands out devices, asks for numbered words, waits for everything to settle."""

    def __init__(
        self,
        plan: TrialPlan,
        oracle: CountingOracle,
        recorder: Recorder,
        make: Make,
        *,
        session: Session,
        pace: Pace,
        waits: Waits,
        backstage: Behind | None = None,
    ) -> None:
        self.plan, self.pace, self.waits, self.session = plan, pace, waits, session
        self.rng: Random = plan.rng()
        self.cast: dict[str, Device] = {}
        self._oracle, self._record, self._make, self._behind = oracle, recorder, make, backstage
        self._patience = Patience(recorder.now_ns, pace, waits, self.cast)

    @property
    def arm(self) -> str:
        """Which variant of the script to play; empty in the twin."""
        return "" if self.plan.twin else self.plan.arm

    @property
    def cut_bytes(self) -> int:
        """Bytes to let through before a cut: for a `split` point, a few, so that it lands inside a character."""
        return self.rng.randint(1, 90) if self.plan.point == "split" else 0

    @property
    def patience_s(self) -> float:
        """How long a device waits for the answer to its prompt where the answer is swallowed."""
        return self.waits.first_item_s if self.plan.twin else 0.6

    async def devices(self, *kinds: str, joined: bool = True) -> list[Device]:
        """One device of each kind. joined: they hold the session's stream before anything is said, if there is one."""
        made = [await self.device(kind) for kind in kinds]
        if joined:
            await self.open(*made)
        return made

    async def open(self, *devices: Device) -> None:
        """Devices join the session's stream, if it has one."""
        if devices and devices[0].adapter.traits.subscribes:
            await asyncio.gather(*(device.join(timeout=self.waits.resume_s) for device in devices))

    async def device(
        self, kind: str, *, stranger: bool = False, elsewhere: bool = False, ttl_s: float | None = None
    ) -> Device:
        """One more device, not joined. stranger: of another user, who has no business here. elsewhere, ttl_s: see
        Role (in the twin nothing expires)."""
        device = await self._make(kind, Role(stranger, elsewhere, None if self.plan.twin else ttl_s))
        self.cast[kind] = device
        return device

    def counting(
        self, items: int, *, pace_ms: float = 10, first_ms: float = 0, special: Special | None = None, extra: str = ""
    ) -> Run:
        """A prompt for numbered words, as the trial's fault point needs them (wide characters, or back to back).

        special: what the agent is to do besides; extra: how a scripted one is told, such as `fail_at=20`.
        """
        items = min(items, TWIN_ITEMS) if self.plan.twin else items
        items = min(items, self._oracle.items or items)
        shape = WIDE if self.plan.point == "split" and self._oracle.fixed_items is None else PLAIN
        label = f"run-{len(self.session.runs) + 1}"
        burst = self.plan.point == "burst" and not self.plan.twin
        pace, together = (0, items) if burst else (pace_ms, 1)
        text = self._oracle.ask(items, pace, first_ms, together, shape, special=special, extra=extra)
        told = self._oracle.expected(items, shape, special)
        items = int(told["items"]) if told else items
        if told and self._oracle.fixed_items is None:
            told |= {"pace_ms": pace}
        run = Run(label, text, f"{self.session.id}-{label}", items, told if self.pace.counts else None)
        self.session.runs[label] = run
        return run

    def failing(self, items: int, after: int) -> Run:
        """A prompt for numbered words whose agent fails after so many of them: those are all that is ever said."""
        limit = TWIN_ITEMS if self.plan.twin else items
        after = min(after, limit - 1, (self._oracle.items or limit) - 1)
        run = self.counting(items, special="fails", extra=f"fail_at={after}")
        scripted = self._oracle.fails is None
        run.items = after if scripted else run.items
        run.asked = {**run.asked, "items": after} if run.asked is not None and scripted else None
        return run

    def pausing(self, items: int, seconds: float) -> Run:
        """A prompt for numbered words whose agent is silent for so long in the middle (a moment, in the twin)."""
        after = max(1, min(items, self._oracle.items or items) // 2)
        pause_ms = 50 if self.plan.twin else round(seconds * 1e3)
        return self.counting(items, special="pauses", extra=f"silent_at={after} silent_ms={pause_ms}")

    async def prompt(self, device: Device, run: Run, timeout: float | None = None) -> bool:
        """A device asks; the clock of the run starts, unless it is refused."""
        self._patience.start(run)
        accepted = await device.prompt(run, timeout if timeout is not None else self.waits.first_item_s)
        if not accepted and timeout is None:
            self._patience.forget(run)
        return accepted

    async def watch(self, device: Device, run: Run) -> None:
        """A second device follows a run from its beginning, told by the product which one it is."""
        if device.adapter.traits.subscribes or not device.adapter.traits.observable:
            return
        asker = next((other for other in self.cast.values() if other.following is run), device)
        if device.needs_run_id:
            await asker.until(lambda: run.id is not None, self.waits.grace_s)
        await device.join(run, self.waits.resume_s)

    async def reach(self, device: Device, run: Run) -> bool:
        """Wait until a device has come to the trial's fault point of a run; False when it never does."""
        point, seen = self.plan.point, self._strike(run.items)
        there = lambda: device.ended(run) or (point != "end" and device.seen(run) >= seen)  # noqa: E731
        met = await self._patience.until(device, there, run)
        if not met and await self._returned():
            met = await self._patience.until(device, there, run)
        self.note("point", kind=point, seen=seen, **({} if met else {"missed": True}))
        return met

    async def words(self, device: Device, run: Run, count: int) -> bool:
        """Wait until a device has seen so many words of a run, or its end."""
        return await self._patience.until(device, lambda: device.ended(run) or device.seen(run) >= count, run)

    async def asked(self, device: Device, run: Run) -> str | None:
        """Wait until an agent asks something of a device; the id of the question, None when it never comes."""
        await self._patience.until(device, lambda: bool(device.asked) or device.ended(run), run)
        return device.asked[0] if device.asked else None

    async def scattered(self, asker: Device, run: Run, crowd: list[Device], first: float, last: float) -> None:
        """Devices open the session, each when the asker has seen a random share of a run, from `first` to `last`."""

        async def come(device: Device, count: int) -> None:
            await self.words(asker, run, count)
            await device.join(run if device.needs_run_id else None, self.waits.resume_s)

        shares = [self.rng.uniform(first, last) for _ in crowd]
        await asyncio.gather(*(come(each, int(run.items * share)) for each, share in zip(crowd, shares, strict=True)))

    async def counted_present(self) -> None:
        """Wait until every device is told how many are there, or must have been."""
        there = [device for device in self.cast.values() if device.connected and device.adapter.traits.presence]

        async def told(device: Device) -> None:
            await device.until(lambda: device.present == len(there), device.adapter.traits.presence_ttl_s)

        await asyncio.gather(*map(told, there))

    async def through(self, device: Device, run: Run, seconds: float) -> None:
        """Wait until a device is told the end of a run whose agent says nothing for so long on the way. Whoever loses
        its stream meanwhile comes back."""
        left = seconds + self.waits.first_item_s + self._patience.remaining(run)
        for _ in range(RETURNS):
            await device.until(lambda: device.ended(run) or device.dropped, left)
            if not await self._returned():
                break

    async def keeps_up(self, device: Device, run: Run) -> None:
        """Wait until a device has all of a run, or hears no more of it."""
        seen, still_s = -1, max(STANDSTILL_S, STANDSTILL_ITEMS * self.pace.ms / 1e3)
        while seen < device.seen(run) and not device.ended(run):
            seen = device.seen(run)
            await device.until(lambda: device.ended(run) or device.seen(run) > seen, still_s)  # noqa: B023

    async def over(self, run: Run) -> None:
        """Wait until some device is told that a run has ended, or until it must have."""
        await self._patience.over(run)

    def note(self, what: str, **value: object) -> None:
        """Record a moment of the script."""
        self._record.add("stage", Phase.NOTE, what, dict(value))

    def mark(self, name: str, **value: object) -> None:
        """Name a moment that rules look for."""
        if not self.plan.twin:
            self.note("mark", name=name, **value)

    async def settle(self) -> None:
        """Wait until everything has come to rest, then read the transcript."""
        why = await self._patience.settle()
        for _ in range(RETURNS):
            if not await self._returned():
                break
            why = await self._patience.settle()
        self.note("settled", why=why)
        for device in self.cast.values():
            if not device.away and device.adapter.traits.history:
                await device.read(final=True, timeout=self.waits.resume_s)
                return

    async def _returned(self) -> bool:
        """Devices that lost the session's stream without a fault of ours come back, as every client would: a server may
        be restarted while it is audited."""
        lost = [device for device in self.cast.values() if device.dropped and device.adapter.traits.subscribes]
        for device in lost:
            self.note("returned", device=device.id)
            await device.resume(self.waits.resume_s)
        return bool(lost)

    def _strike(self, items: int) -> int:
        match self.plan.point:
            case "early":
                return self.rng.randint(1, min(3, items))
            case "late" | "end":
                return items
            case _:
                return self.rng.randint(max(1, items * 3 // 10), max(1, items * 7 // 10))
