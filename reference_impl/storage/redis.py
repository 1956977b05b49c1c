"""Sessions in Redis Streams, for many servers at once. Durable means what Redis was set up to promise:

- `appendonly yes`, `appendfsync always`: on the disk of the Redis server, also through a power cut;
- `appendonly yes`, `appendfsync everysec` (what most use): a power cut or a crash of the machine may lose the last
  second; a crash of Redis alone what it held back because the disk was busy syncing, two seconds at most;
- anything less: everything since the last snapshot file may be lost when Redis ends.
A weaker promise than the first is named in a warning at open. With replicas, one that takes over after a failure may
lack what was acknowledged last, in every setting: Redis replicates after it has answered.

Each change of a session is one script (redis_scripts.py), which also publishes it: followers anywhere wake at once, and
read the stream for what they missed. A call during which the connection is lost raises StoreError, for it may or may
not have been carried out. All keys of a session have one hash tag, so they share a slot of a cluster.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from .base import Batch, Conflict, Stored, StoreError, Trimmed, first_epoch
from .following import Feeds, Rest
from .frame import lead, unpack
from .keys import key
from .redis_calls import Calls
from .redis_channels import Channels
from .redis_scripts import APPEND, DELETE, READ, TRIM, Script

_OPEN_S = 4.0
_ANSWER_S = 4.0  # how long a call may take
_CONNECT_S = 2.0
_PAGE = 1_000  # events read at once: Redis does nothing else meanwhile
_PUBLISHED = 256 * 1024  # bytes; followers read larger batches from the stream

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some events of a session and the state it was in."""

    epoch: str
    first: int
    head: int
    snapshot: bytes
    bodies: list[bytes]


class RedisStore:
    """storage.base.Store in the Redis at `url`, in keys that begin with `prefix`."""

    shared = True

    def __init__(self, url: str, prefix: str = "durable:") -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=_ANSWER_S,
            socket_connect_timeout=_CONNECT_S,
            retry=Retry(NoBackoff(), 0),  # an append that was sent twice would be taken for a Conflict
        )
        self._prefix = prefix
        self._store_id = ""
        self._feeds = Feeds()  # by channel
        self._calls = Calls(self._client)
        self._channels = Channels(self._client, f"{prefix}listening", self._heard)
        self._open = False

    async def open(self) -> None:
        """Connect, and look what Redis promises. Raises StoreError."""
        try:
            async with asyncio.timeout(_OPEN_S):
                await self._client.set(f"{self._prefix}id", secrets.token_hex(8), nx=True)
                self._store_id = _text(await self._client.get(f"{self._prefix}id"))
                await self._look_at_the_promise()
        except (RedisError, OSError) as problem:
            await self._client.aclose()
            raise StoreError(f"cannot use the Redis: {str(problem) or 'it does not answer'}") from problem
        self._channels.open()
        self._open = True

    async def load(self, session: str) -> Stored:
        """Everything of a session. Raises StoreError."""
        while True:
            page = await self._read(session, -1)
            bodies = page.bodies
            while page.first - 1 + len(bodies) < page.head:
                more = await self._read(session, page.first - 1 + len(bodies))
                if (more.epoch, more.first) != (page.epoch, page.first):
                    break  # it was trimmed or deleted while it was read
                bodies += more.bodies
            else:
                return Stored(page.epoch, tuple(bodies), page.first, page.snapshot)

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events. Raises Conflict or StoreError."""
        small = sum(map(len, bodies)) <= _PUBLISHED
        told = lead((epoch, str(first)), bodies) if small else b""
        await self._change(APPEND, session, epoch, first, self._channel(session), told, *bodies)

    async def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """Events as they are appended by anyone. Raises Trimmed, Conflict or StoreError."""
        self._check()

        async def read(after: int) -> Rest:
            page = await self._read(session, after)
            if page.epoch != epoch:
                raise Conflict(f"session {session}: {epoch} is gone")
            if after < page.first - 1:
                raise Trimmed(f"session {session}: events from {after + 1} were trimmed")
            return page.bodies, page.head

        channel = self._channel(session)
        async with (
            self._channels.subscribed(channel),
            aclosing(self._feeds.follow(channel, epoch, after, read)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Forget events. Raises Conflict or StoreError."""
        await self._change(TRIM, session, epoch, upto, snapshot)

    async def delete(self, session: str, epoch: str) -> None:
        """Forget a session; the epoch after it stays. Raises Conflict or StoreError."""
        await self._change(DELETE, session, epoch, secrets.token_hex(5), self._channel(session))

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Remember the holder for that long. Raises StoreError."""
        self._check()
        await self._calls.call("SET", self._holder(holder), "", "PX", max(1, round(ttl_s * 1000)))

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those that are remembered. Raises StoreError."""
        self._check()
        asked = tuple(holders)
        found = await asyncio.gather(*(self._calls.call("EXISTS", self._holder(holder)) for holder in asked))
        return frozenset(holder for holder, there in zip(asked, found, strict=True) if there)

    async def close(self) -> None:
        """Let what was asked be answered, then disconnect."""
        if not self._open:
            return
        self._open = False
        self._feeds.close()
        await self._calls.close()
        await self._channels.close()
        await self._client.aclose()

    async def _read(self, session: str, after: int) -> _Page:
        self._check()
        epoch, first, head, snapshot, *bodies = await self._calls.run(
            READ, self._keys(session), first_epoch(self._store_id, session), after, _PAGE
        )
        return _Page(epoch.decode(), first, head, snapshot, bodies)

    async def _change(self, script: Script, session: str, epoch: str, *arguments: str | bytes | int) -> None:
        self._check()
        unwritten = first_epoch(self._store_id, session)
        state = await self._calls.run(script, self._keys(session), unwritten, epoch, *arguments)
        if state is not None:
            raise Conflict(f"session {session}: {epoch}:{arguments[0]!r} does not fit {_text(state[0])}:{state[1]}")

    def _heard(self, channel: str, message: bytes) -> None:
        if message:
            (epoch, first), bodies = unpack(message)
            self._feeds.tell(channel, epoch, int(first), bodies)
        else:
            self._feeds.look(channel)

    async def _look_at_the_promise(self) -> None:
        try:
            said = await self._client.config_get("appendonly", "appendfsync")
        except ResponseError as problem:
            logger.warning("Redis does not say what it promises (%s): what it acknowledges may be lost", problem)
            return
        promise = {_text(name): _text(value) for name, value in said.items()}
        if promise.get("appendonly") != "yes":
            logger.warning(
                "Redis runs with appendonly %s: what it acknowledges is lost when it ends", promise.get("appendonly")
            )
        elif promise.get("appendfsync") != "always":
            logger.warning(
                "Redis runs with appendfsync %s: a power cut loses what it acknowledged last", promise["appendfsync"]
            )

    def _keys(self, session: str) -> tuple[str, str]:
        name = f"{self._prefix}{{{key(session)}}}"
        return f"{name}:state", f"{name}:events"

    def _channel(self, session: str) -> str:
        return f"{self._prefix}{{{key(session)}}}:told"

    def _holder(self, holder: str) -> str:
        return f"{self._prefix}alive:{key(holder)}"

    def _check(self) -> None:
        if not self._open:
            raise StoreError("the store is not open")


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
