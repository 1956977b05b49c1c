"""The one way into a session's log: encode, make durable, and only then let anyone know.

Events get their offsets when they are appended, so decisions never wait for the disk; devices and acknowledgements see
them when the storage has said yes. One batch of a session is on its way at a time, the next one fills meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from .errors import Unavailable
from .session.event import Event
from .session.log import Entry, Log, entry
from .storage.base import Store, StoreError

_WINDOW = 256  # events that may be on their way to the disk before a producer has to wait

logger = logging.getLogger(__name__)


class Journal:
    """Appends to one session. publish: called after each durable batch. broken: called once when the storage failed."""

    def __init__(self, session: str, log: Log, store: Store, publish: Callable[[], None], broken: Callable[[], None]):
        self.log = log
        self.head = log.head  # the last offset given out; log.head is the last durable one
        self._session = session
        self._store = store
        self._publish = publish
        self._broken = broken
        self._failure: StoreError | None = None
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
                batch, self._pending = self._pending, []
                bodies = [new.body for new in batch]
                await self._store.append(self._session, self.log.epoch, batch[0].offset, bodies)
                self._commit(batch)
        except StoreError as failure:
            self._break(failure)
        finally:
            self._flushing = None

    def _commit(self, batch: list[Entry]) -> None:
        for new in batch:
            self.log.append(new)
        self._publish()
        while self._waiting and self._waiting[0][0] <= self.log.head:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def _break(self, failure: StoreError) -> None:
        """What was given out and not written may or may not be on the disk: this copy of the session is worthless."""
        logger.error("session %s: %s", self._session, failure)
        self._failure = failure
        self._pending.clear()
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(Unavailable(f"the session's storage failed: {failure}"))
        self._broken()
