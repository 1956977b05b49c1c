"""Devices that do not read: what they cost, when they are cut, and that they lose nothing by it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from websockets.exceptions import ConnectionClosed

from reference_impl.server import build_app, listening
from reference_impl.session.event import Event
from reference_impl.session.log import Log, entry
from reference_impl.session.subscription import Subscription
from reference_impl.settings import Settings
from reference_impl.transports.commands import HUB
from reference_impl.transports.stream import Ending, Stream

from ..devices import Client, WsDevice, client, eventually

pytestmark = pytest.mark.sockets

ITEMS = 2_000
SCRIPT = f'[items={ITEMS} pace_ms=0 format="{{:04d}}{"x" * 700}"]'  # 1.7 MB: more than is held for a device
IMPATIENT = Settings(patience_s=0.3, heartbeat_s=0.1)


@asynccontextmanager
async def impatient() -> AsyncIterator[tuple[web.Application, Client]]:
    app = build_app(settings=IMPATIENT)
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone:
        yield app, phone


def narrow(phone: Client) -> socket.socket:
    """A connected socket that holds little."""
    host, _, port = phone.path.removeprefix("http://").partition("/")[0].partition(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sock.connect((host, int(port)))
    sock.setblocking(False)
    return sock


@asynccontextmanager
async def stalling_stream(phone: Client, cursor: str = "") -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection(sock=narrow(phone), limit=2_048)
    resume = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
    writer.write(f"GET /v1/sessions/s/events HTTP/1.1\r\nHost: x\r\n{resume}\r\n".encode())
    try:
        yield reader
    finally:
        writer.transport.abort()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def the_stream(app: web.Application) -> Stream:
    """The server's side of the only connected device, once it is there."""
    session = await app[HUB].session("s")
    await eventually(lambda: bool(session.listeners))
    (listener,) = session.listeners
    assert isinstance(listener, Stream)
    return listener


def offsets(received: bytes) -> list[int]:
    """Offsets of the events that came whole."""
    return [
        int(found) for found in re.findall(rb'data: \{"type":"event","epoch":"\w+","offset":(\d+),[^\n]*\n\n', received)
    ]


async def all_of(phone: Client) -> None:
    async with phone.events() as device:
        await device.until_ended()
    assert device.offsets() == list(range(1, ITEMS + 4))


async def test_a_stalled_stream_is_cut_without_harm_to_others_and_loses_nothing() -> None:
    async with impatient() as (app, phone), stalling_stream(phone) as reader:
        stream = await the_stream(app)
        await phone.prompt("k", SCRIPT)
        await all_of(phone)  # another device has everything while this one stands still
        session = await app[HUB].session("s")
        await eventually(lambda: stream not in session.listeners)
        received = await asyncio.wait_for(reader.read(-1), 5)
        assert not received.endswith(b"0\r\n\r\n")  # cut, not ended
        seen = offsets(received)
        assert seen == list(range(1, len(seen) + 1))
        assert len(seen) < ITEMS
        epoch = (await phone.get())["epoch"]
        async with phone.events(cursor=f"{epoch}:{len(seen)}") as device:
            await device.until_ended()
        assert device.messages[0]["recovered"] is True
        assert seen + device.offsets() == list(range(1, ITEMS + 4))


async def test_a_stalled_socket_is_told_that_it_was_too_slow_and_can_resume() -> None:
    async with impatient() as (_, phone):
        async with phone.socket(sock=narrow(phone), max_queue=1) as device:
            await device.ask("subscribe")
            await device.ask("prompt", key="k", text=SCRIPT)
            await asyncio.sleep(1)  # reads nothing for longer than the server is patient
            assert await read_to_the_end(device) == 4008
            cursor = device.cursor
        async with phone.socket() as again:
            assert (await again.ask("subscribe", cursor=cursor))["recovered"] is True
            await again.until_ended()
        assert device.offsets() + again.offsets() == list(range(1, ITEMS + 4))


async def read_to_the_end(device: WsDevice) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await device.read()
    return closed.value.rcvd.code if closed.value.rcvd else None


async def test_a_device_that_reads_slowly_but_reads_is_not_cut() -> None:
    async with impatient() as (_, phone), stalling_stream(phone) as reader:
        await phone.prompt("k", SCRIPT)
        received = bytearray()
        pause_at = 0
        while b'"kind":"run-end"' not in received[-4_000:]:
            piece = await asyncio.wait_for(reader.read(65_536), 5)
            assert piece, "cut"
            received += piece
            if len(received) > pause_at:
                await asyncio.sleep(0.1)  # less than the server is patient, about twenty times
                pause_at += 80_000
        assert offsets(bytes(received)) == list(range(1, ITEMS + 4))


async def test_a_device_that_does_not_read_costs_a_bounded_buffer() -> None:
    app = build_app(settings=Settings(patience_s=30))
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone, stalling_stream(phone):
        stream = await the_stream(app)
        await phone.prompt("k", SCRIPT)
        await all_of(phone)
        assert 0 < stream._transport.get_write_buffer_size() < 512 * 1024


async def test_a_device_that_asks_and_never_reads_is_cut_too() -> None:
    async with impatient() as (app, phone), phone.socket(sock=narrow(phone), max_queue=1) as device:
        stream = await the_stream(app)
        session = await app[HUB].session("s")

        async def ask() -> None:
            while True:
                await device.socket.send(json.dumps({"type": "ping", "id": "i" * 30_000}))

        asking = asyncio.create_task(ask())
        await eventually(lambda: stream not in session.listeners)
        assert 0 < stream._transport.get_write_buffer_size() < 640 * 1024
        device.socket.transport.abort()
        await asyncio.gather(asking, return_exceptions=True)


async def test_a_device_that_is_behind_can_still_stop() -> None:
    async with impatient() as (_, phone), phone.events(query="?from=tail") as witness:
        await phone.prompt("k", SCRIPT)
        await witness.until_ended()
        run = (await phone.prompt("k2", "[items=5000 pace_ms=10]"))["run"]
        async with phone.socket(sock=narrow(phone), max_queue=1) as device:
            await device.socket.send(json.dumps({"type": "subscribe", "id": "1"}))
            for ident in "abc":
                await device.socket.send(json.dumps({"type": "ping", "id": ident}))
            await device.socket.send(json.dumps({"type": "stop", "id": "d", "run": run}))
            await asyncio.wait_for(witness.until_ended(2), 1)
            device.socket.transport.abort()
    assert witness.endings() == ["completed", "stopped"]


async def test_a_device_that_goes_is_noticed() -> None:
    async with impatient() as (app, phone):
        session = await app[HUB].session("s")
        async with phone.events(), phone.socket() as device:
            await device.ask("subscribe")
            assert len(session.listeners) == 2
        await eventually(lambda: not session.listeners)


class Pipe(asyncio.Transport):
    """A transport whose buffer is emptied by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.buffered = 0
        self.emptied = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.buffered += len(data)

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    async def drain(self) -> None:
        await self.emptied.wait()


def piped(pipe: Pipe, patience_s: float) -> Stream:
    """A stream into the pipe that follows a log of about 1 MB."""
    log = Log("e")
    for offset in range(1, 1_001):
        log.append(entry(Event("text", "r_1", {"text": "x" * 1_000}), "e", offset))
    stream = Stream(
        pipe,
        pipe.drain,
        ping=b"p",
        farewell=lambda _: b"bye",
        settings=Settings(patience_s=patience_s),
        ended=lambda: None,
    )
    stream.follow(Subscription(log, "ws", 0))
    return stream


async def test_a_buffer_that_is_said_to_be_drained_is_believed_whatever_its_size() -> None:
    """Some event loops write later than they are asked to, so the size alone says nothing."""
    pipe = Pipe()
    pipe.emptied.set()
    stream = piped(pipe, patience_s=0.01)
    await eventually(lambda: pipe.buffered > 1_000_000)
    assert stream.ending is None
    stream.end(Ending.GONE)


async def test_a_device_is_cut_only_when_it_takes_nothing_at_all() -> None:
    pipe = Pipe()
    stream = piped(pipe, patience_s=0.05)
    assert pipe.buffered < 512 * 1024
    for _ in range(5):
        pipe.buffered -= 1  # one byte at a time is slow, but it is not nothing
        await asyncio.sleep(0.04)
        assert stream.ending is None
    await eventually(lambda: stream.ending is Ending.SLOW)


async def test_what_is_over_writes_nothing_more() -> None:
    pipe = Pipe()
    stream = piped(pipe, patience_s=1)
    before = pipe.buffered
    stream.end(Ending.GONE)
    stream.leave()
    assert stream.ending is Ending.GONE
    pipe.emptied.set()
    stream.wake()
    stream.write(b"late")
    await asyncio.sleep(0.01)
    assert pipe.buffered == before
