"""The one way into a session's log: encode, make durable, and only then let anyone know.

Events get their offsets when they are appended, so decisions never wait for the disk; devices and acknowledgements see
them when the storage has said yes. One batch of a session is on its way at a time, the next one fills meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from .errors import Unavailable
from .session.event import Event
from .session.log import Entry, Log, entry
from .storage.base import Store, StoreError

_WINDOW = 256  # events that may be on their way to the disk before a producer has to wait

logger = logging.getLogger(__name__)


class Journal:
    """Appends to one session. publish: called after each durable batch. broken: called once when the storage failed."""

    def __init__(
        self,
        session: str,
        log: Log,
        store: Store,
        *,
        gather_s: float,
        publish: Callable[[], None],
        broken: Callable[[], None],
    ) -> None:
        self.log = log
        self.head = log.head  # the last offset given out; log.head is the last durable one
        self._session = session
        self._store = store
        self._publish = publish
        self._broken = broken
        self._failure: Exception | None = None
        self._gather_s = gather_s
        self._last_batch = -gather_s  # when the last one was taken
        self._full = asyncio.Event()
        self._pending: list[Entry] = []
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()  # in order of offset
        self._flushing: asyncio.Task[None] | None = None

    def append(self, events: Sequence[Event]) -> int:
        """Give the events their places, in order; they are durable soon. Returns the new head. Raises Unavailable."""
        self._check()
        for event in events:
            self.head += 1
            self._pending.append(entry(event, self.log.epoch, self.head))
        if self._pending and self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        if len(self._pending) >= _WINDOW // 2:
            self._full.set()
        return self.head

    async def durable(self, offset: int) -> None:
        """Return when everything up to `offset` is durable. Raises Unavailable when that can no longer be known."""
        if offset <= self.log.head:
            return
        self._check()
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((self.head, waiter))
        await waiter

    async def room(self) -> None:
        """Return when a producer may write more: memory stays bounded however slow the disk is. Raises Unavailable."""
        if self.head - self.log.head >= _WINDOW:
            await self.durable(self.head)

    def _check(self) -> None:
        if self._failure is not None:
            raise Unavailable(f"the session's storage failed: {self._failure}")

    async def _flush(self) -> None:
        """Write batch after batch until nothing is left. A batch takes everything that was appended meanwhile."""
        try:
            while self._pending:
                await self._gather()
                batch, self._pending = self._pending, []
                self._full.clear()
                bodies = [new.body for new in batch]
                await self._store.append(self._session, self.log.epoch, batch[0].offset, bodies)
                self._commit(batch)
        except Exception as failure:
            logger.error("session %s: %s", self._session, failure, exc_info=not isinstance(failure, StoreError))
            self._break(failure)
        finally:
            self._flushing = None

    async def _gather(self) -> None:
        """In a busy session, let what comes within the next moments share one write; after a pause, write at once."""
        loop = asyncio.get_running_loop()
        due = self._last_batch + self._gather_s
        if loop.time() < due:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._full.wait()
        self._last_batch = loop.time()

    def _commit(self, batch: list[Entry]) -> None:
        for new in batch:
            self.log.append(new)
        self._publish()
        self.log.trim()
        while self._waiting and self._waiting[0][0] <= self.log.head:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def _break(self, failure: Exception) -> None:
        """What was given out and not written may or may not be on the disk: this copy of the session is worthless."""
        self._failure = failure
        self._pending.clear()
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(Unavailable(f"the session's storage failed: {failure}"))
        self._broken()
