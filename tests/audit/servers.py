"""Targets made of plain sockets, which say exactly the bytes that a test wants, and devices that talk to them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from audit.adapters.base import Adapter
from audit.connection import Endpoint
from audit.device import Device
from audit.event import Event, Phase
from audit.faults.link import Link
from audit.memory import Session
from audit.recorder import Recorder

PATIENCE_S = 10.0
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Talk:
    """One connection as the target has it. `line`, `headers`, `body`: the latest request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.line, self.body = "", b""
        self.headers: dict[str, str] = {}

    async def request(self) -> str:
        """Read one request; gives its first line."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.line, *fields = head.strip().split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
        self.body = await self.reader.readexactly(int(self.headers.get("content-length", 0)))
        return self.line

    async def say(self, *data: bytes) -> None:
        for each in data:
            self.writer.write(each)
            await self.writer.drain()

    async def chunk(self, data: bytes) -> None:
        await self.say(b"%x\r\n%b\r\n" % (len(data), data))

    async def respond(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """A whole response."""
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        await self.say(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body)

    async def upgrade(self, accept: str | None = None) -> None:
        """Read the request for a WebSocket and accept it."""
        await self.request()
        digest = hashlib.sha1((self.headers["sec-websocket-key"] + MAGIC).encode()).digest()
        accept = accept or base64.b64encode(digest).decode()
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        await self.say(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())

    async def frame(self, data: str | bytes, opcode: int = TEXT, *, fin: bool = True) -> None:
        await self.say(frame(data, opcode, fin=fin))

    async def hear(self) -> str:
        """The text of the next frame that a device sends."""
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
        mask, data = await self.reader.readexactly(4), await self.reader.readexactly(size)
        plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        if first & 0x0F == CLOSE:
            raise ConnectionResetError("a close frame")
        return plain.decode()

    async def gone(self) -> None:
        """Wait until the device has hung up."""
        while await self.reader.read(65_536):
            pass

    def reset(self) -> None:
        """RST."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def frame(data: str | bytes, opcode: int = TEXT, *, fin: bool = True) -> bytes:
    """A WebSocket frame as a server sends it (RFC 6455, 5.2)."""
    raw = data.encode() if isinstance(data, str) else data
    size, first = len(raw), opcode | (0x80 if fin else 0)
    if size < 126:
        return bytes((first, size)) + raw
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + raw
    return struct.pack("!BBQ", first, 127, size) + raw


Script = Callable[[Talk], Awaitable[None]]


@dataclass
class Server:
    """A listening target. talks: its connections so far."""

    port: int
    scheme: str = "http"
    talks: list[Talk] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that plays `script` on every connection, and ends it with FIN when the script is done.

    A device that hangs up ends the script; any other error in it fails the test.
    """
    errors: list[Exception] = []
    tasks: set[asyncio.Task[None]] = set()

    async def play(talk: Talk) -> None:
        try:
            await script(talk)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except Exception as error:
            errors.append(error)
        talk.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await talk.writer.wait_closed()

    def arrive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.talks.append(Talk(reader, writer))
        task = asyncio.get_running_loop().create_task(play(server.talks[-1]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(arrive, "127.0.0.1", 0, ssl=tls)
    server = Server(listening.sockets[0].getsockname()[1], "https" if tls else "http")
    try:
        yield server
    finally:
        listening.close()
        for talk in server.talks:
            if not talk.writer.transport.is_closing():
                talk.writer.transport.abort()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if errors:
        raise errors[0]


@dataclass
class Bench:
    """What the devices of one test share."""

    url: str
    adapter: Adapter
    recorder: Recorder
    session: Session
    headers: Mapping[str, str] = field(default_factory=dict)
    devices: list[Device] = field(default_factory=list)

    async def device(self, kind: str = "phone") -> Device:
        host, _, port = self.url.rpartition("//")[2].partition("/")[0].rpartition(":")
        link = await Link.open(host, int(port), rng=Random(1))
        endpoint = Endpoint(self.url, link.port, self.headers)
        made = Device(
            kind,
            kind,
            adapter=self.adapter,
            endpoint=endpoint,
            link=link,
            recorder=self.recorder,
            session=self.session,
        )
        self.devices.append(made)
        return made

    def events(self, *phases: Phase, what: str | None = None) -> list[Event]:
        """The recorded events of these phases."""
        return [e for e in self.recorder.events if e.phase in phases and what in (None, e.what)]

    def seen(self, what: str | None = None) -> list[Event]:
        return self.events(Phase.SEEN, what=what)

    def completed(self, what: str) -> Event:
        """The only completion of an operation."""
        (event,) = self.events(Phase.OK, Phase.FAIL, Phase.INFO, what=what)
        return event


@contextlib.asynccontextmanager
async def bench(url: str, adapter: Adapter, **headers: str) -> AsyncIterator[Bench]:
    """Devices against a target at this address; put away afterwards."""
    made = Bench(url, adapter, Recorder(io.StringIO(), {}), Session("s-1"), headers)
    try:
        yield made
    finally:
        for device in made.devices:
            await device.close()


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody is told of."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
