"""A device: a phone, laptop or tab that a person holds. The only emitter of operation events.

Every operation is recorded as `invoke` and at most one completion: `ok`, `fail` (it certainly did not happen) or
`info` (nobody knows). What arrives on its streams is recorded as `seen`, one event an item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict

from .adapters.base import (
    Adapter,
    Answer,
    Call,
    Dial,
    Frame,
    Item,
    ItemKind,
    Message,
    Operation,
    Step,
    Unsupported,
    View,
)
from .channel import Braked, Channel, Wire
from .connection import Endpoint
from .errors import ProtocolError
from .event import Phase, Value
from .faults.link import Link
from .memory import Memory, Run, Session
from .naming import Naming
from .recorder import Recorder
from .stream import Closed
from .waiting import Waiting

OPERATION_TIMEOUT_S = 5.0


class Device:
    """One device of a trial. Timeouts are in seconds; an operation that outlives its timeout completes as `info`."""

    def __init__(
        self,
        id: str,
        kind: str,
        *,
        adapter: Adapter,
        endpoint: Endpoint,
        link: Link,
        recorder: Recorder,
        session: Session,
        about: Value | None = None,
    ) -> None:
        self.id, self.kind, self.adapter, self.link, self.session = id, kind, adapter, link, session
        self.following: Run | None = None
        self.away = False
        self.dropped = False  # the target ended its stream, in good order or not; no fault, and nobody here, did
        self.last_item_ns = 0
        self.transcript: tuple[Message, ...] = ()  # the latest one that was fetched
        self._memory = Memory()
        self._record = recorder
        self.note("device", kind=kind, **(about or {}))
        self._channel = Channel(adapter, endpoint, self._on_item, self._on_closed, self._on_broken)
        self._connections = 0
        self._struck = 0  # strikes of its link when it last connected
        self._naming = Naming(session, subscribes=adapter.traits.subscribes, learned=self._on_named)
        self._waiting = Waiting()
        self._brake: Callable[[], bool] | None = None

    # -- operations -----------------------------------------------------------------------------------------------

    async def join(self, run: Run | None = None, timeout: float = OPERATION_TIMEOUT_S) -> bool:
        """Open the session's live stream as a fresh device; `run` when the product would tell it which one.

        A target whose stream carries no history gets its transcript read first, as its page would on load.
        """
        self.following = run or self.following
        if not self.adapter.traits.subscribes and self.adapter.traits.history:
            await self.read(shown=True, timeout=timeout)
        view = View(self.session.id, run.id if run else None, None, self.id, presence=True)
        return await self._open_or_read("join", self.adapter.join(view), timeout)

    async def resume(self, timeout: float = OPERATION_TIMEOUT_S) -> bool:
        """Open the stream again from the last committed cursor; told "nothing to resume", it reads the transcript."""
        step = self.adapter.resume(self._view(self.following))
        return await self._open_or_read("resume", step, timeout, cursor=self._memory.cursor)

    async def prompt(self, run: Run, timeout: float = OPERATION_TIMEOUT_S) -> bool:
        """Ask for an answer; True when the target accepted it."""
        self.session.runs.setdefault(run.label, run)
        self.following = self.session.current = run
        step = self.adapter.prompt(self._view(run), run.text, run.key)
        self._naming.asked(run, step)
        await self._have_socket(step, None, timeout)
        value: Value = {"text": run.text, "key": run.key, "label": run.label}
        answer = await self._operate("prompt", step, value | ({"asked": run.asked} if run.asked else {}), timeout)
        if answer is not None and answer.value.get("run"):
            run.id = str(answer.value["run"])
        return _ok(answer)

    async def stop(self, run: Run, timeout: float = OPERATION_TIMEOUT_S) -> bool:
        """Stop a run; True when the target acknowledged it."""
        step = self.adapter.stop(self._view(run), run.key)
        await self._have_socket(step, run, timeout)
        return _ok(await self._operate("stop", step, {"label": run.label, "key": run.key}, timeout))

    async def steer(self, run: Run, text: str, key: str, timeout: float = OPERATION_TIMEOUT_S) -> Answer | None:
        """Wish something of a run; what the target answered, None when the device is off the network."""
        step = self.adapter.steer(self._view(run), text, key)
        await self._have_socket(step, run, timeout)
        return await self._operate("steer", step, {"label": run.label, "key": key, "text": text}, timeout)

    async def approve(self, approval: str, granted: bool, timeout: float = OPERATION_TIMEOUT_S) -> Answer | None:
        """Answer what a run asks for; what the target answered, None when the device is off the network."""
        step = self.adapter.approve(self._view(self.following), approval, granted)
        await self._have_socket(step, self.following, timeout)
        return await self._operate("approve", step, {"approval": approval, "granted": granted}, timeout)

    async def read(self, *, shown: bool = False, final: bool = False, timeout: float = OPERATION_TIMEOUT_S) -> bool:
        """Fetch the transcript. shown: the device displays it. final: everything has settled."""
        marks: Value = {name: True for name, on in (("shown", shown), ("final", final)) if on}
        answer = await self._operate("read", self.adapter.read(self._view(self.following)), {}, timeout, marks)
        return _ok(answer)

    # -- what happens to it ---------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stop reading the sockets, as a background tab does."""
        self.note("freeze")
        self._channel.gate.clear()

    def thaw(self) -> None:
        """Read again."""
        self.note("thaw")
        self._channel.gate.set()

    async def offline(self) -> None:
        """The network is gone: every connection is cut, new ones are refused."""
        self.note("offline")
        self.away = True
        await self.link.offline()
        await self.until(lambda: not self.connected, 1.0)
        await self._channel.hang_up(Closed("timeout"))

    async def online(self) -> None:
        """The network is back."""
        await self.link.online()
        self.away = False
        self.note("online")

    async def forget(self) -> None:
        """Reload: connections closed, memory and cursor gone."""
        await self._channel.hang_up(Closed("local"))
        self.note("forget")
        self._memory, self.following = Memory(), None

    async def leave(self) -> None:
        """The user closes it for good."""
        self.note("leave")
        self.away = True
        await self._channel.hang_up(Closed("local"))

    async def give_up(self) -> None:
        """Its own watchdog says that the stream is dead: hang up."""
        await self._channel.hang_up(Closed("timeout"))

    def brake(self, run: Run, seen: int) -> None:
        """From now on, hang up exactly after `seen` words of a run: nothing later on that connection is ever seen."""
        self._brake = lambda: self.seen(run) >= seen or self.ended(run)

    async def braked(self, timeout: float) -> None:
        """Wait until the brake has worked, and release it."""
        await self.until(lambda: not self.connected, timeout)
        self._brake = None
        await self._channel.hang_up(Closed("local"))

    def note(self, what: str, **value: object) -> None:
        """Record what the audit does to this device."""
        self._record.add(self.id, Phase.NOTE, what, dict(value))

    def carry(self, cursor: str | None) -> None:
        """Hold another cursor than the one it has learned; the next item that brings one replaces it."""
        self._memory.cursor = cursor

    def admit(self, endpoint: Endpoint) -> None:
        """Carry other credentials, from the next connection on."""
        self._channel.admit(endpoint)

    async def close(self) -> None:
        """The trial is over."""
        try:
            await self._channel.close()
        finally:
            await self.link.close()

    # -- what a script may wait for -------------------------------------------------------------------------------

    @property
    def needs_run_id(self) -> bool:
        """Can this target be followed only by a device that was told the id of the run?"""
        return isinstance(self.adapter.join(View(self.session.id)), Unsupported)

    @property
    def cursor(self) -> str | None:
        """What it would resume from."""
        return self._memory.cursor

    @property
    def connected(self) -> bool:
        """Does it hold a live stream?"""
        return bool(self._channel.wires)

    @property
    def asked(self) -> tuple[str, ...]:
        """Ids of the approvals that wait for an answer, as far as it was told, the oldest first."""
        return tuple(self._memory.asked)

    @property
    def present(self) -> int:
        """How many devices follow the session, as it was told last."""
        return self._memory.present

    def seen(self, run: Run) -> int:
        """How many words of a run it has seen."""
        return self._memory.seen(run)

    def tells_apart(self, run: Run) -> bool:
        """Could it tell the words of this run, which it has seen, from those of another one at the same time?"""
        return not self.adapter.traits.subscribes or self._memory.names(run)

    def ended(self, run: Run) -> bool:
        """Has it been told that the run is over?"""
        return self._memory.ended(run)

    async def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait for a condition on what this device has seen; False when the time is over first."""
        return await self._waiting.until(condition, timeout)

    async def quiet(self, seconds: float, timeout: float) -> None:
        """Wait until nothing has arrived for so long (heartbeats count as something)."""
        end = self._record.now_ns() + int(timeout * 1e9)
        while (wait := min(end, self.last_item_ns + int(seconds * 1e9)) - self._record.now_ns()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait / 1e9)  # nothing signals that nothing happened

    # -- recording ------------------------------------------------------------------------------------------------

    def _view(self, run: Run | None) -> View:
        return View(self.session.id, run.id if run else None, self._memory.cursor, self.id, presence=True)

    async def _have_socket(self, step: Step, run: Run | None, timeout: float) -> None:
        """A frame needs a socket: a page opens one when it loads."""
        if isinstance(step, Frame) and self._channel.socket is None and not self.away:
            self.following, kept = run, self.following
            await self.join(run, timeout)
            self.following = kept

    async def _open_or_read(self, operation: Operation, step: Step, timeout: float, **value: object) -> bool:
        """Open a stream; where there is nothing to stream, show the transcript instead."""
        answer = await self._operate(operation, step, dict(value), timeout)
        opened = answer is not None and answer.phase is Phase.OK and not answer.value.get("nothing")
        if not opened and self.adapter.traits.history and not self.away:
            await self.read(shown=True, timeout=timeout)
        return opened

    async def _operate(
        self, operation: Operation, step: Step, value: Value, timeout: float, marks: Value | None = None
    ) -> Answer | None:
        """Record the operation, carry out its step, record its completion. None when the device is off the network."""
        if self.away:
            return None
        conn: Value = {}
        if isinstance(step, Call | Dial):
            self._connections += 1
            self._struck, self.dropped = self.link.struck, False
            conn = {"conn": self._connections}
        invoke = self._record.add(self.id, Phase.INVOKE, operation, {**value, **conn})

        def complete(answer: Answer) -> None:
            completed = {**conn, **answer.value, **(marks or {})}
            if "messages" in completed:
                completed["messages"] = self._learn(completed["messages"], shown=bool(completed.get("shown")))
            self._record.add(self.id, answer.phase, operation, completed, invoke.index)
            self._waiting.wake()

        # a response is of the run that was going on when it was asked for, however late its first item comes
        current = None if self.adapter.traits.subscribes else self.session.current
        run = self.following or current
        return await self._channel.attempt(operation, step, run, self._connections, timeout, complete)

    def _learn(self, messages: tuple[Message, ...], *, shown: bool) -> list[Value]:
        self.transcript = messages
        if shown:
            self._memory.read(messages, self.session)
        told = (asdict(message) for message in messages)
        return [{key: value for key, value in row.items() if key != "agent" or value} for row in told]

    def _on_item(self, wire: Wire, item: Item) -> None:
        self.last_item_ns = self._record.now_ns()
        run = self._naming.name(wire, item, self.following)
        value: Value = dict(item.data)
        if item.text or item.kind in (ItemKind.TEXT, ItemKind.SNAPSHOT, ItemKind.USER, ItemKind.STEER):
            value["text"] = item.text
        named = (("run", run), ("message", item.message), ("cursor", item.cursor))
        value.update({key: found for key, found in named if found is not None})
        if item.kind is ItemKind.CAUGHT_UP:
            value["bytes"] = wire.received
        self._see(wire, item.kind.value, value)
        self._memory.take(item, run)
        self._waiting.wake()
        if item.kind is ItemKind.PROBLEM:
            return
        if self._brake is not None and self._brake():
            raise Braked
        if self._record.full:
            raise ProtocolError("more was sent than a trial records")

    def _on_closed(self, wire: Wire, closed: Closed) -> None:
        self.last_item_ns = self._record.now_ns()
        self.dropped = not self.away and closed.how in ("fin", "rst", "clean") and self.link.struck == self._struck
        details = {key: found for key, found in (("code", closed.code), ("reason", closed.reason)) if found}
        self._see(wire, "closed", {"how": closed.how, **details, "bytes": wire.received})
        self._waiting.wake()

    def _on_broken(self, error: Exception) -> None:
        self._record.add("stage", Phase.NOTE, "aborted", {"error": f"{type(error).__name__}: {error}"[:200]})

    def _on_named(self, run: Run) -> None:
        self.note("named", label=run.label, run=run.id)

    def _see(self, wire: Wire, what: str, value: Value) -> None:
        self._record.add(self.id, Phase.SEEN, what, {"conn": wire.number, **value})


def _ok(answer: Answer | None) -> bool:
    return answer is not None and answer.phase is Phase.OK
