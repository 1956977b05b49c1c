"""How followers see every event once: what is appended is handed to them, and what they missed is read.

A feed may be told too much (events it has, in any order) or too little; a hole makes its follower read the storage. So
whoever tells it need not be reliable, as long as it says `look` whenever it may have missed something.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from .base import Batch, StoreError

Rest: TypeAlias = tuple[Sequence[bytes], int]  # some events, and the head of the session when they were read
Read: TypeAlias = Callable[[int], Awaitable[Rest]]  # those after an offset. Raises Trimmed, Conflict or StoreError

_LONGEST = 256  # batches kept for a follower that is not asking
_AGAIN_S = 0.25  # between two tries to read from a storage that is gone
_PATIENCE_S = 10.0  # how long it may be gone before its followers end


class Unreachable(StoreError):
    """The storage cannot be reached at the moment; what was asked of it may or may not have been done."""


class _Feed:
    """What one follower was told and has not looked at."""

    def __init__(self) -> None:
        self._told: deque[tuple[str, int, Sequence[bytes]]] = deque()
        self._news = asyncio.Event()
        self.behind = True  # there may be something that only the storage knows
        self._lost_at: float | None = None  # since when it cannot be read (event loop time, seconds)

    def tell(self, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        if len(self._told) == _LONGEST:
            self.look()
        else:
            self._told.append((epoch, first, bodies))
            self._news.set()

    def look(self) -> None:
        """Forget what was told: all of it is in the storage."""
        self._told.clear()
        self.behind = True
        self._news.set()

    def take(self, epoch: str, after: int) -> Sequence[bytes]:
        """The next events if they were told; nothing when there are none, or when only the storage has them."""
        while self._told:
            known, first, bodies = self._told.popleft()
            if known != epoch or first > after + 1:
                self.look()
            elif fresh := bodies[after + 1 - first :]:
                return fresh
        return ()

    async def news(self) -> None:
        """Wait until there is something to take, or to read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self._lost_at is None else _AGAIN_S):
                await self._news.wait()
        self._news.clear()

    async def read(self, read: Read, after: int) -> Sequence[bytes]:
        """What the storage has; nothing as long as it cannot be reached and was there a moment ago."""
        self.behind = False
        try:
            bodies, head = await read(after)
        except Unreachable:
            now = asyncio.get_running_loop().time()
            self._lost_at = self._lost_at or now
            if now > self._lost_at + _PATIENCE_S:
                raise
            self.behind = True
            return ()
        self._lost_at = None
        self.behind = self.behind or after + len(bodies) < head
        return bodies


class Feeds:
    """Those of one store who follow sessions."""

    def __init__(self) -> None:
        self._feeds: dict[str, set[_Feed]] = {}
        self._closed = False

    @property
    def sessions(self) -> tuple[str, ...]:
        """Those that somebody follows."""
        return tuple(self._feeds)

    def tell(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """These events are durable."""
        for feed in self._feeds.get(session, ()):
            feed.tell(epoch, first, bodies)

    def look(self, session: str) -> None:
        """Something may have happened to the session."""
        for feed in self._feeds.get(session, ()):
            feed.look()

    def look_all(self) -> None:
        """Something may have happened to any session."""
        for session in self._feeds:
            self.look(session)

    def close(self) -> None:
        """Followers end with StoreError, and so do those that come later."""
        self._closed = True
        self.look_all()

    async def follow(self, session: str, epoch: str, after: int, read: Read) -> AsyncGenerator[Batch, None]:
        """storage.base.Store.follow, for a backend that can `read` and is told of appends."""
        feed = _Feed()
        self._feeds.setdefault(session, set()).add(feed)
        try:
            while True:
                bodies = await self._next(feed, epoch, after, read)
                if bodies:
                    yield after + 1, bodies
                    after += len(bodies)
                else:
                    await feed.news()
        finally:
            self._forget(session, feed)

    async def _next(self, feed: _Feed, epoch: str, after: int, read: Read) -> Sequence[bytes]:
        if self._closed:
            raise StoreError("the store is closed")
        return await feed.read(read, after) if feed.behind else feed.take(epoch, after)

    def _forget(self, session: str, feed: _Feed) -> None:
        followers = self._feeds[session]
        followers.discard(feed)
        if not followers:
            del self._feeds[session]
