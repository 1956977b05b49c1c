"""A device's live streams, and how an adapter's step becomes an answer.

Nothing here records anything: items and endings go to the owner's callbacks, outcomes come back as an `Answer`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import aiohttp
import websockets

from .adapters.base import (
    Adapter,
    Answer,
    Call,
    Dial,
    Frame,
    Hangup,
    Item,
    ItemKind,
    Operation,
    Reader,
    Step,
    Unsupported,
)
from .connection import Client, Closed, Endpoint, Stream
from .errors import AuditError
from .event import Phase, Value
from .memory import Run

Complete: TypeAlias = Callable[[Answer], None]
NETWORK_ERRORS = (OSError, aiohttp.ClientError, websockets.WebSocketException)


class Braked(Exception):
    """Raised by the owner's `on_item` to hang up exactly here: later items of the same read are never seen."""


@dataclass
class Wire:
    """One live stream: its number (never reused), its reader, and the run it was opened for."""

    number: int
    stream: Stream
    reader: Reader
    run: Run | None
    task: asyncio.Task[None] | None = None


class Channel:
    """The connections of one device. `gate`: nothing is read while it is not set (a frozen tab)."""

    def __init__(
        self,
        adapter: Adapter,
        endpoint: Endpoint,
        on_item: Callable[[Wire, Item], None],
        on_closed: Callable[[Wire, Closed], None],
    ) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.wires: dict[int, Wire] = {}
        self._adapter, self._client = adapter, Client(endpoint)
        self._on_item, self._on_closed = on_item, on_closed
        self._replies: dict[str, tuple[asyncio.Future[Answer], Complete]] = {}

    @property
    def socket(self) -> Wire | None:
        """The newest live stream that frames can be sent on."""
        return next((wire for wire in reversed(self.wires.values()) if wire.stream.framed), None)

    async def attempt(
        self, operation: Operation, step: Step, run: Run | None, conn: int, timeout: float, complete: Complete
    ) -> Answer:
        """Carry out a step within `timeout` seconds; whatever goes wrong becomes FAIL (definite) or INFO (in doubt).

        `complete` is called with the answer the moment it is known: before any item that came after it.
        """
        task = _Task(operation, run, conn, complete)
        answer = await self._bounded(task, step, timeout)
        if not task.answered:
            complete(answer)
        return answer

    async def _bounded(self, task: _Task, step: Step, timeout: float) -> Answer:
        operation = task.operation
        try:
            async with asyncio.timeout(timeout):
                return await self._carry_out(task, step)
        except TimeoutError:
            return Answer(Phase.INFO, {"error": f"no answer within {timeout:g} s", "timeout": True})
        except (ConnectionRefusedError, aiohttp.ClientConnectorError) as error:
            return Answer(Phase.FAIL, {"error": f"connection refused ({type(error).__name__})"})
        except websockets.InvalidStatus as error:
            return Answer(Phase.FAIL, {"error": short(error), "status": error.response.status_code})
        except (AuditError, *NETWORK_ERRORS) as error:
            return Answer(_doubt(operation), {"error": f"the connection broke ({short(error)})"})

    async def hang_up(self, how: Closed) -> None:
        """Close every live stream now; each is reported closed as `how` says."""
        for wire in list(self.wires.values()):
            self._gone(wire, how)
            await wire.stream.close()
            if wire.task is not None and wire.task is not asyncio.current_task():
                wire.task.cancel()
                await asyncio.gather(wire.task, return_exceptions=True)

    async def close(self) -> None:
        """The trial is over."""
        self.gate.set()
        await self.hang_up(Closed("local"))
        await self._client.close()

    async def _carry_out(self, task: _Task, step: Step) -> Answer:
        match step:
            case Unsupported(reason):
                return Answer(Phase.FAIL, {"unsupported": True, "error": reason})
            case Hangup():
                await self.hang_up(Closed("local"))
                return Answer(Phase.INFO, {"hangup": True})
            case Frame():
                return await self._send(task, step)
            case Dial():
                return await self._dial(task, step)
            case Call():
                return await self._call(task, step)

    async def _call(self, task: _Task, step: Call) -> Answer:
        response = await self._client.call(step)
        answer = self._adapter.answer(task.operation, response.status, response.headers, response.body)
        if response.stream is not None and answer.streaming:
            self._attach(task, response.stream)
        elif response.stream is not None:
            await response.stream.close()
        if task.operation == "read" and answer.phase is Phase.OK:
            return Answer(Phase.OK, {**answer.value, "messages": self._adapter.transcript(response.body)})
        return answer

    async def _dial(self, task: _Task, step: Dial) -> Answer:
        waiting = self._expect(task, step.reply)
        self._attach(task, await self._client.dial(step))
        return await self._answered(waiting)

    async def _send(self, task: _Task, step: Frame) -> Answer:
        wire = self.socket
        if wire is None:
            return Answer(Phase.FAIL, {"error": "the device holds no socket to send on"})
        waiting = self._expect(task, step.reply)
        await wire.stream.send(step.text)
        return await self._answered(waiting)

    def _expect(self, task: _Task, reply: str | None) -> asyncio.Future[Answer] | None:
        if reply is None:
            return None
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._replies[reply] = (future, task.complete_once)
        return future

    async def _answered(self, waiting: asyncio.Future[Answer] | None) -> Answer:
        if waiting is None:
            return Answer(Phase.OK)
        try:
            return await waiting
        finally:
            self._replies = {id: pair for id, pair in self._replies.items() if pair[0] is not waiting}

    def _attach(self, task: _Task, stream: Stream) -> None:
        wire = Wire(task.conn, stream, self._adapter.reader(task.operation), task.run)
        self.wires[wire.number] = wire
        wire.task = asyncio.create_task(self._pump(wire), name=f"pump-{wire.number}")

    async def _pump(self, wire: Wire) -> None:
        try:
            closed = await wire.stream.pump(lambda data: self._take(wire, data), self.gate)
            if closed.how == "clean":
                self._items(wire, wire.reader.finish())
        except Braked:
            closed = Closed("local", reason="dropped here on purpose")
        except (AuditError, *NETWORK_ERRORS) as error:
            self._on_item(wire, Item(ItemKind.PROBLEM, data={"error": short(error)}))
            closed = Closed("local", reason=short(error))
        await wire.stream.close()
        self._gone(wire, closed)

    def _take(self, wire: Wire, data: str | bytes) -> None:
        read = wire.reader.frame(data) if wire.stream.framed or isinstance(data, str) else wire.reader.feed(data)
        self._items(wire, read)

    def _items(self, wire: Wire, items: list[Item]) -> None:
        for item in items:
            if item.kind is ItemKind.REPLY:
                self._reply(item)
            else:
                self._on_item(wire, item)

    def _reply(self, item: Item) -> None:
        future, complete = self._replies.get(str(item.data.get("reply")), (None, None))
        if future is not None and complete is not None and not future.done():
            value: Value = {key: found for key, found in item.data.items() if key not in ("reply", "ok")}
            named = {"run": item.run} if item.run else {}
            answer = Answer(Phase.OK if item.data.get("ok") else Phase.FAIL, value | named)
            complete(answer)
            future.set_result(answer)

    def _gone(self, wire: Wire, closed: Closed) -> None:
        if self.wires.pop(wire.number, None) is None:
            return
        if wire.stream.framed:
            for future, _ in self._replies.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("the socket closed before the answer came"))
        self._on_closed(wire, closed)


@dataclass
class _Task:
    """One operation under way."""

    operation: Operation
    run: Run | None
    conn: int
    complete: Complete
    answered: bool = False

    def complete_once(self, answer: Answer) -> None:
        self.answered = True
        self.complete(answer)


def short(error: BaseException) -> str:
    """An error in at most 200 characters."""
    text = str(error) or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"


def _doubt(operation: Operation) -> Phase:
    """A prompt or stop whose connection broke may have happened; opening and reading change nothing."""
    return Phase.INFO if operation in ("prompt", "stop") else Phase.FAIL
