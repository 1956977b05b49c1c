"""What tests of followers share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

from reference_impl.storage.base import Store

PATIENCE_S = 10.0


async def append(store: Store, session: str, first: int, *bodies: bytes) -> str:
    """Append in whatever epoch the session has; that epoch."""
    epoch = (await store.load(session)).epoch
    await store.append(session, epoch, first, bodies)
    return epoch


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when it holds: what a server does after it has answered."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


class Follower:
    """Writes down what a follower is given, and fails at once when it is given anything out of order."""

    def __init__(self, store: Store, session: str, epoch: str, after: int = 0) -> None:
        self.bodies: list[bytes] = []
        self.at: list[float] = []  # when each batch came
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(self._follow(store, session, epoch, after))

    async def has(self, count: int) -> tuple[bytes, ...]:
        """The bodies, when there are that many. Raises what ended the follower."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.bodies) < count and not self.task.done():
                self._changed.clear()
                waiting = asyncio.create_task(self._changed.wait())
                await asyncio.wait((waiting, self.task), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        if self.task.done():
            self.task.result()
        return tuple(self.bodies)

    async def ended(self) -> BaseException | None:
        """What it ended with."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait((self.task,))
        return self.task.exception()

    async def _follow(self, store: Store, session: str, epoch: str, after: int) -> None:
        async with aclosing(store.follow(session, epoch, after)) as batches:
            async for first, bodies in batches:
                assert first == after + len(self.bodies) + 1
                assert bodies
                self.bodies.extend(bodies)
                self.at.append(time.monotonic())
                self._changed.set()


@asynccontextmanager
async def following(store: Store, session: str, epoch: str, after: int = 0) -> AsyncIterator[Follower]:
    """A follower, called off in the end."""
    follower = Follower(store, session, epoch, after)
    try:
        yield follower
    finally:
        follower.task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await follower.task
