"""A device's live streams, and how an adapter's step becomes an answer.

Nothing here records anything: items and endings go to the owner's callbacks, outcomes come back as an `Answer`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

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
from .connection import Client, Endpoint
from .errors import AuditError
from .event import Phase
from .hint import hinted
from .memory import Run
from .replies import Attempt, Complete, Replies
from .stream import Closed, Stream

NETWORK_ERRORS = (OSError, aiohttp.ClientError, websockets.WebSocketException)


class Braked(Exception):
    """Raised by the owner's `on_item` to hang up exactly here: later items of the same read are never seen."""


@dataclass
class Wire:
    """One live stream: its number (never reused), its reader, the run it was opened for, and the bytes it brought."""

    number: int
    stream: Stream
    reader: Reader
    run: Run | None
    task: asyncio.Task[None] | None = None
    received: int = 0


class Channel:
    """The connections of one device. `gate`: nothing is read while it is not set (a frozen tab)."""

    def __init__(
        self,
        adapter: Adapter,
        endpoint: Endpoint,
        on_item: Callable[[Wire, Item], None],
        on_closed: Callable[[Wire, Closed], None],
        on_broken: Callable[[Exception], None],
    ) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.wires: dict[int, Wire] = {}
        self._adapter, self._client = adapter, Client(endpoint)
        self._on_item, self._on_closed, self._on_broken = on_item, on_closed, on_broken
        self._replies = Replies()

    @property
    def socket(self) -> Wire | None:
        """The newest live stream that frames can be sent on."""
        return next((wire for wire in reversed(self.wires.values()) if wire.stream.framed), None)

    async def attempt(
        self, operation: Operation, step: Step, run: Run | None, conn: int, timeout: float, complete: Complete
    ) -> Answer:
        """Carry out a step within `timeout` seconds; whatever goes wrong becomes FAIL (definite) or INFO (in doubt).

        `complete` is called once, with the answer, the moment it is known: before any item that came after it.
        """
        attempt = Attempt(operation, run, conn, complete)
        return attempt.settle(await self._bounded(attempt, step, timeout))

    async def hang_up(self, how: Closed) -> None:
        """Close every live stream now; each is reported closed as `how` says."""
        wires = list(self.wires.values())
        pumps = [wire.task for wire in wires if wire.task is not None]
        for wire in wires:  # before anybody is told: telling may fail
            await wire.stream.close()
        for pump in pumps:
            pump.cancel()
        for wire in wires:
            self._gone(wire, how)
        await asyncio.gather(*pumps, return_exceptions=True)

    def admit(self, endpoint: Endpoint) -> None:
        """Dial as this endpoint says from now on."""
        self._client.endpoint = endpoint

    async def close(self) -> None:
        """The trial is over."""
        self.gate.set()
        try:
            await self.hang_up(Closed("local"))
        finally:
            await self._client.close()

    # -- steps ----------------------------------------------------------------------------------------------------

    async def _bounded(self, attempt: Attempt, step: Step, timeout: float) -> Answer:
        try:
            async with asyncio.timeout(timeout):
                return await self._carry_out(attempt, step)
        except TimeoutError:
            return Answer(Phase.INFO, {"error": f"no answer within {timeout:g} s", "timeout": True})
        except websockets.InvalidStatus as error:
            return self._refused(attempt.operation, error.response)
        except (AuditError, *NETWORK_ERRORS) as error:
            return _failed(attempt, error)

    async def _carry_out(self, attempt: Attempt, step: Step) -> Answer:
        match step:
            case Unsupported(reason):
                return Answer(Phase.FAIL, {"unsupported": True, "error": reason})
            case Hangup():
                await self.hang_up(Closed("local"))
                return Answer(Phase.INFO, {"hangup": True})
            case Frame():
                return await self._send(attempt, step)
            case Dial():
                return await self._dial(attempt, step)
            case Call():
                return await self._call(attempt, step)

    async def _call(self, attempt: Attempt, step: Call) -> Answer:
        response = await self._client.call(step)
        answer = self._adapter.answer(attempt.operation, response.status, response.headers, response.body)
        answer = hinted(answer, response.status, response.headers, response.body)
        if response.stream is not None and answer.streaming:
            self._attach(attempt, response.stream)
        elif response.stream is not None:
            await response.stream.close()
        if attempt.operation == "read" and answer.phase is Phase.OK:
            return Answer(Phase.OK, {**answer.value, "messages": self._adapter.transcript(response.body)})
        return answer

    async def _dial(self, attempt: Attempt, step: Dial) -> Answer:
        stream = await self._client.dial(step)
        with self._replies.expecting(attempt, step.reply, attempt.conn) as reply:
            self._attach(attempt, stream)
            return await reply

    async def _send(self, attempt: Attempt, step: Frame) -> Answer:
        wire = self.socket
        if wire is None:
            return Answer(Phase.FAIL, {"error": "the device holds no socket to send on"})
        with self._replies.expecting(attempt, step.reply, wire.number) as reply:
            await wire.stream.send(step.text)
            return await reply

    def _refused(self, operation: Operation, response: websockets.Response) -> Answer:
        """A WebSocket was answered like any other request."""
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        status, body = response.status_code, bytes(response.body or b"")
        return hinted(self._adapter.answer(operation, status, headers, body), status, headers, body)

    # -- streams --------------------------------------------------------------------------------------------------

    def _attach(self, attempt: Attempt, stream: Stream) -> None:
        wire = Wire(attempt.conn, stream, self._adapter.reader(attempt.operation), attempt.run)
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
        except Exception as error:  # a defect of ours must not look like one of the target
            self._on_broken(error)
            closed = Closed("local", reason="the audit itself failed")
        await wire.stream.close()
        self._gone(wire, closed)

    def _take(self, wire: Wire, data: str | bytes) -> None:
        wire.received += len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
        read = wire.reader.frame(data) if wire.stream.framed or isinstance(data, str) else wire.reader.feed(data)
        self._items(wire, read)

    def _items(self, wire: Wire, items: list[Item]) -> None:
        for item in items:
            if item.kind is ItemKind.REPLY:
                self._replies.take(item)
            else:
                self._on_item(wire, item)

    def _gone(self, wire: Wire, closed: Closed) -> None:
        if self.wires.pop(wire.number, None) is None:
            return
        self._replies.lose(wire.number)
        self._on_closed(wire, closed)


def _failed(attempt: Attempt, error: BaseException) -> Answer:
    """What an error means for an operation: what never got through did certainly not happen."""
    if isinstance(error, ssl.SSLError | aiohttp.ClientSSLError):
        return Answer(Phase.FAIL, {"error": f"no secure connection ({short(error)})"})
    if isinstance(error, ConnectionRefusedError | aiohttp.ClientConnectorError):
        return Answer(Phase.FAIL, {"error": f"connection refused ({type(error).__name__})"})
    told = short(error) if isinstance(error, AuditError) else f"the connection broke ({short(error)})"
    return Answer(attempt.doubt, {"error": told})


def short(error: BaseException) -> str:
    """An error in at most 200 characters."""
    text = str(error) or type(error).__name__
    if isinstance(error, aiohttp.ServerDisconnectedError):  # its text may be half a response
        text = "the target hung up before it had answered"
    if isinstance(error, websockets.InvalidMessage) and error.__cause__ is not None:
        text = f"{text}: {error.__cause__}"
    return text if len(text) <= 200 else text[:199] + "…"
