"""A worker's connection to whichever server can be reached, made again whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from random import uniform

import aiohttp

from ..session.event import dumps
from .remote import Message

_SILENCE_S = 3.0  # a server says something every second
_CONNECT_S = 3.0
_FIRST_S, _LONGEST_S = 0.05, 1.0  # waits between two tries
_QUICK_S = 0.2  # after a farewell: leases do not wait

logger = logging.getLogger(__name__)


class Refusing(Exception):
    """The server is there and does not take this worker; the message says why."""


class Link:
    """urls: of servers. token: for those that ask for one. hello: the first message of each connection. hear: called
    with each message that comes."""

    def __init__(
        self, urls: tuple[str, ...], token: str, hello: Callable[[], Message], hear: Callable[[str], None]
    ) -> None:
        self._urls = cycle(urls)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._hello = hello
        self._hear = hear
        self._outbox: asyncio.Queue[Message | None] | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._closing = False
        self._sent = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Something that is sent now has a chance to arrive."""
        return self._outbox is not None

    def send(self, message: Message) -> None:
        """Send in order; what is sent without a connection is dropped, for it is said again after the next hello."""
        if self._outbox is not None:
            self._outbox.put_nowait(message)

    def again(self) -> None:
        """Give this connection up for a new one."""
        if self._outbox is not None:
            self._outbox.put_nowait(None)

    async def close(self) -> None:
        """Send what was given, and connect no more."""
        self._closing = True
        if self._outbox is not None:
            self._sent.clear()
            self._outbox.put_nowait(None)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sent.wait(), _QUICK_S)

    async def keep(self) -> None:
        """Connect again and again, until closed. Raises Refusing."""
        wait_s = _FIRST_S
        async with aiohttp.ClientSession() as http:
            while not self._closing:
                url = next(self._urls)
                try:
                    await self._once(http, url)
                    wait_s = _FIRST_S
                except (aiohttp.ClientError, OSError, TimeoutError) as problem:
                    logger.info("%s: %s", url, problem)
                    wait_s = min(2 * wait_s, _LONGEST_S)
                await asyncio.sleep(uniform(0, wait_s))

    async def _once(self, http: aiohttp.ClientSession, url: str) -> None:
        async with asyncio.timeout(_CONNECT_S):
            try:
                socket = await http.ws_connect(f"{url}/v1/work", headers=self._headers, max_msg_size=0, compress=0)
            except aiohttp.WSServerHandshakeError as problem:
                if problem.status in (401, 403):
                    raise Refusing(f"{url} does not let this worker in: it asks for another token") from None
                if problem.status == 404:
                    raise Refusing(f"{url} leaves nothing to workers; start it with --agents workers") from None
                raise
        outbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._outbox = outbox
        outbox.put_nowait(self._hello())
        writing = asyncio.create_task(self._write(socket, outbox))
        try:
            while (message := await socket.receive(_SILENCE_S)).type is aiohttp.WSMsgType.TEXT:
                self._hear(message.data)
        finally:
            self._outbox = None
            writing.cancel()
            self._sent.set()
            await asyncio.gather(writing, return_exceptions=True)
            await socket.close()

    async def _write(self, socket: aiohttp.ClientWebSocketResponse, outbox: asyncio.Queue[Message | None]) -> None:
        while (message := await outbox.get()) is not None:
            await socket.send_str(dumps(message).decode())
        self._sent.set()
        await socket.close()
