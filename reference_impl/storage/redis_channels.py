"""What Redis publishes of sessions: one connection listens for all of them, and is made again when it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from .following import Unreachable

_AGAIN_S = 0.1  # between two tries to connect
_QUIET_S = 5.0  # silence after which Redis is asked whether it is there
_PATIENCE_S = 4.0  # for a subscription

Heard = Callable[[str, bytes], None]

logger = logging.getLogger(__name__)


class Channels:
    """heard: called with the channel and each message; b"" means that others may have been missed."""

    def __init__(self, client: Redis, own: str, heard: Heard) -> None:
        self._client = client
        self._own = own  # a channel nobody publishes to: it keeps the connection a listening one
        self._heard = heard
        self._wanted: dict[str, int] = {}  # how many want it
        self._confirmed: dict[str, asyncio.Event] = {}
        self._connection: PubSub | None = None
        self._listening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to listen."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    @asynccontextmanager
    async def subscribed(self, channel: str) -> AsyncIterator[None]:
        """Whatever is published from here on is heard. Raises Unreachable."""
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        self._wanted[channel] = self._wanted.get(channel, 0) + 1
        try:
            if self._wanted[channel] == 1 and self._connection is not None:
                with suppress(Exception):  # however a lost connection shows: the next one subscribes to all
                    await self._connection.subscribe(channel)
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await confirmed.wait()
            except TimeoutError:
                raise Unreachable("Redis: no answer to a subscription") from None
            yield
        finally:
            await self._leave(channel)

    async def _leave(self, channel: str) -> None:
        self._wanted[channel] -= 1
        if self._wanted[channel]:
            return
        del self._wanted[channel], self._confirmed[channel]
        if self._connection is not None:
            with suppress(Exception):
                await self._connection.unsubscribe(channel)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as connection:
                    await self._hear_all(connection)
            except Exception as problem:
                logger.warning(
                    "Redis does not tell of appends at the moment: %s", str(problem) or type(problem).__name__
                )
            await asyncio.sleep(_AGAIN_S)

    async def _hear_all(self, connection: PubSub) -> None:
        """Until the connection is lost. Raises RedisError or OSError."""
        try:
            known = (self._own, *self._wanted)
            await connection.subscribe(*known)
            self._connection = connection  # whoever comes later subscribes by themselves
            if late := self._wanted.keys() - set(known):
                await connection.subscribe(*late)
            await self._read_all(connection)
        finally:
            self._connection = None

    async def _read_all(self, connection: PubSub) -> None:
        asked = False
        while True:
            message = await connection.get_message(timeout=_QUIET_S)
            if message is not None:
                asked = False
                self._hear(message["type"], message["channel"], message["data"])
            elif asked:
                raise TimeoutError("it does not answer")
            else:
                await connection.ping()
                asked = True

    def _hear(self, kind: str, channel: bytes | None, data: bytes) -> None:
        if kind == "message" and channel is not None:
            self._heard(channel.decode(), data)
        elif kind == "subscribe" and channel is not None and channel.decode() in self._confirmed:
            self._confirmed[channel.decode()].set()
            self._heard(channel.decode(), b"")
