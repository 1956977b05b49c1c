"""Devices for the tests: they speak the protocol over real sockets, in code of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect

from reference_impl.access.gate import Access
from reference_impl.agents.base import Agent
from reference_impl.server import build_app, listening
from reference_impl.settings import Settings
from reference_impl.storage.base import Store

Message = dict[str, Any]
PATIENCE_S = 10.0


@asynccontextmanager
async def server(
    store: Store | None = None,
    agent: Agent | None = None,
    settings: Settings | None = None,
    access: Access | None = None,
) -> AsyncIterator[str]:
    """A running server; gives its URL."""
    async with listening(build_app(store, agent, settings, access=access), "127.0.0.1", 0) as url:
        yield url


async def eventually(true: Callable[[], bool]) -> None:
    """Return when it is true; fail when it does not become so."""
    for _ in range(int(PATIENCE_S / 0.01)):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not become true")


class Screen:
    """What a device was shown."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.pings = 0

    @property
    def events(self) -> list[Message]:
        return [message for message in self.messages if message["type"] == "event"]

    @property
    def cursor(self) -> str | None:
        return f"{self.events[-1]['epoch']}:{self.events[-1]['offset']}" if self.events else None

    def offsets(self) -> list[int]:
        return [event["offset"] for event in self.events]

    def text(self, run: str | None = None) -> str:
        return "".join(e["data"]["text"] for e in self.events if e["kind"] == "text" and run in (None, e["run"]))

    def endings(self) -> list[str]:
        return [event["data"]["reason"] for event in self.events if event["kind"] == "run-end"]

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]


class SseDevice(Screen):
    """Reads an event stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        super().__init__()
        self._response = response
        self.fields: list[dict[str, str]] = []
        self.retries: list[int] = []

    async def read(self) -> bool:
        """Take the next event in; False at the end of the stream."""
        fields: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self._response.content.readline(), PATIENCE_S)).decode()
            if not line:
                return False
            if line == "\n" and "data" in fields:
                break
            if line.startswith(":"):
                self.pings += 1
            elif line != "\n":
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
                if name == "retry":
                    self.retries.append(int(value))
        self.fields.append(fields)
        self.messages.append(json.loads(fields["data"]))
        return True

    async def until(self, seen: Callable[[SseDevice], bool]) -> None:
        while not seen(self):
            assert await self.read(), "the stream ended"

    async def until_ended(self, runs: int = 1) -> None:
        await self.until(lambda screen: len(screen.endings()) >= runs)


class WsDevice(Screen):
    """Speaks the WebSocket protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__()
        self.socket = socket
        self._ids = map(str, count(1))

    async def read(self) -> Message:
        message: Message = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))
        if message["type"] == "ping":
            self.pings += 1
        else:
            self.messages.append(message)
        return message

    async def ask(self, type_: str, **fields: object) -> Message:
        """Send a command and read until it is answered."""
        ident = next(self._ids)
        await self.socket.send(json.dumps({"type": type_, "id": ident} | fields, ensure_ascii=False))
        while True:
            message = await self.read()
            if message["type"] == "reply" and message["id"] == ident:
                return message

    async def until(self, seen: Callable[[WsDevice], bool]) -> None:
        while not seen(self):
            await self.read()

    async def until_ended(self, runs: int = 1) -> None:
        await self.until(lambda screen: len(screen.endings()) >= runs)


class Client:
    """One person's HTTP client on one session."""

    def __init__(self, http: aiohttp.ClientSession, url: str, session: str, token: str | None = None) -> None:
        self._http = http
        self._allowed = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.path = f"{url}/v1/sessions/{session}"

    async def post(self, what: str, **fields: object) -> tuple[int, Message]:
        return await self.send("POST", f"/{what}", json.dumps(fields).encode())

    async def prompt(self, key: str, text: str) -> Message:
        status, answer = await self.post("prompts", key=key, text=text)
        assert status == 202, answer
        return answer

    async def get(self, what: str = "") -> Message:
        status, answer = await self.send("GET", what)
        assert status == 200, answer
        return answer

    async def send(self, method: str, what: str, body: bytes | None = None) -> tuple[int, Message]:
        async with self._http.request(method, self.path + what, data=body, headers=self._allowed) as response:
            return response.status, json.loads(await response.read())

    @asynccontextmanager
    async def events(self, cursor: str | None = None, query: str = "") -> AsyncIterator[SseDevice]:
        headers = self._allowed | ({} if cursor is None else {"Last-Event-ID": cursor})
        async with self._http.get(f"{self.path}/events{query}", headers=headers) as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            yield SseDevice(response)

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[WsDevice]:
        url = self.path.replace("http", "ws", 1) + "/ws"
        async with connect(url, proxy=None, close_timeout=1, additional_headers=self._allowed, **options) as socket:
            yield WsDevice(socket)


@asynccontextmanager
async def client(url: str, session: str = "s", token: str | None = None) -> AsyncIterator[Client]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as http:
        yield Client(http, url, session, token)
