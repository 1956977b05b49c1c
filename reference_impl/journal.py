"""The one way into a session's log: encode, make durable, and only then let anyone know.

What is to be appended waits here for a moment, so that much of it can share one write; one batch of a session is on its
way at a time. The session's state and its log change when the storage has said yes, never before: what a decision sees
is durable. On storage that is shared, another server may have been first. Then its events come in, text goes out again
behind them, and decisions are given back to be made anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from .errors import Unavailable
from .session.event import Event, decode
from .session.log import Entry, Log, entry, framed
from .session.state import SessionState
from .storage.base import Conflict, Store, StoreError

_WINDOW = 256  # events that may be on their way to the disk before a producer has to wait
_APPEND_S = 15.0  # an append that takes longer is given up: whether it happened is not known
_SOON_S = 0.5  # how far storage that is well lags behind what another server has told already
_CATCH_UP_S = 5.0  # how long the storage may take to tell what somebody else has written

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Item:
    """Events that belong together. decided: told whether they were appended; None for text, which nobody waits for.
    knew: how many events that decisions hang on were known when this one was made."""

    events: Sequence[Event]
    decided: asyncio.Future[bool] | None = None
    knew: int = 0


class Journal:
    """Appends to one session. applied: called after each batch, own or not. kept: may this text still be said, after
    what was decided meanwhile? broken: called once when the storage failed."""

    def __init__(
        self,
        session: str,
        state: SessionState,
        log: Log,
        store: Store,
        *,
        gather_s: float,
        applied: Callable[[Sequence[Event]], None],
        kept: Callable[[Event], bool],
        broken: Callable[[], None],
    ) -> None:
        self._session = session
        self._state = state
        self._log = log
        self._store = store
        self._applied = applied
        self._kept = kept
        self._broken = broken
        self._failure: Exception | None = None
        self._gather_s = gather_s
        self._last_batch = -gather_s  # when the last one was taken
        self._urgent = asyncio.Event()
        self._news = asyncio.Event()
        self._pending: list[_Item] = []
        self._undecided: set[asyncio.Future[bool]] = set()
        self._known = 0  # events but text, since this session was loaded
        self._waiting = 0  # events that are pending or on their way
        self._settled = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Something is not durable yet."""
        return self._waiting > 0

    def write(self, text: Event) -> None:
        """Append a piece of text soon. Raises Unavailable."""
        self._add(_Item((text,)))
        if self._waiting >= _WINDOW // 2:
            self._urgent.set()

    async def commit(self, events: Sequence[Event]) -> bool:
        """Append a decision: True when it is durable, False when something else happened first. Raises Unavailable."""
        decided: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._add(_Item(events, decided, self._known))
        self._undecided.add(decided)
        decided.add_done_callback(self._undecided.discard)
        self._urgent.set()
        return await decided

    async def room(self) -> None:
        """Return when a producer may write more: memory stays bounded however slow the disk is. Raises Unavailable."""
        while self._waiting >= _WINDOW:
            await self.settled()

    async def settled(self) -> None:
        """Return when what is on its way now is durable. Raises Unavailable."""
        self._check()
        if self._waiting:
            await self._settled.wait()
            self._check()

    async def heard(self, offset: int, patience_s: float) -> None:
        """Return when the storage has told of this offset, does not have it, or has not told of it for so long."""
        await self._told(offset, min(_SOON_S, patience_s))
        if self._log.head < offset and await self._is_stored(offset):
            await self._told(offset, patience_s)

    async def _told(self, offset: int, patience_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._log.head < offset:
                    self._news.clear()
                    await self._news.wait()

    async def _is_stored(self, offset: int) -> bool:
        """Is it durable? While nobody can say, it may be."""
        try:
            stored = await self._store.load(self._session)
        except StoreError:
            return True
        return stored.epoch == self._log.epoch and stored.head >= offset

    def learn(self, first: int, bodies: Sequence[bytes]) -> None:
        """Take in what the storage tells of the session; what is known already does not count."""
        new = bodies[max(0, self._log.head + 1 - first) :]
        offset = max(first, self._log.head + 1)
        events = [decode(body) for body in new]
        self._advance(
            events,
            [
                framed(event, body, self._log.epoch, place)
                for place, (event, body) in enumerate(zip(events, new, strict=True), start=offset)
            ],
        )

    def _add(self, item: _Item) -> None:
        self._check()
        self._pending.append(item)
        self._waiting += len(item.events)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())

    def _check(self) -> None:
        if self._failure is not None:
            raise Unavailable(f"the session's storage failed: {self._failure}")

    async def _flush(self) -> None:
        """Write batch after batch until nothing is left. A batch takes everything that was appended meanwhile."""
        try:
            while self._pending:
                await self._gather()
                self._urgent.clear()
                await self._write(self._take())
        except Exception as failure:
            logger.error("session %s: %s", self._session, failure, exc_info=not isinstance(failure, StoreError))
            self._break(failure)
        finally:
            self._flushing = None

    def _take(self) -> list[_Item]:
        """What goes next: all there is, but nothing behind a decision, and no text that may not be said any more."""
        size = next((place for place, item in enumerate(self._pending, start=1) if item.decided is not None), None)
        items, self._pending = self._pending[:size], self._pending[size:] if size is not None else []
        spoken: list[_Item] = []
        unsaid: list[_Item] = []
        for item in items:
            (spoken if self._holds(item) else unsaid).append(item)
        self._settle(unsaid, appended=False)
        return spoken

    def _holds(self, item: _Item) -> bool:
        """May it still be appended? A decision only if nothing that could have changed it has happened since: whoever
        made the one before it may have given up waiting, and that one was appended all the same."""
        return self._kept(item.events[0]) if item.decided is None else item.knew == self._known

    async def _gather(self) -> None:
        """In a busy session, let the text that comes within the next moments share one write; after a pause, and for a
        decision, write at once."""
        loop = asyncio.get_running_loop()
        due = self._last_batch + self._gather_s
        if loop.time() < due:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._urgent.wait()
        self._last_batch = loop.time()

    async def _write(self, items: list[_Item]) -> None:
        events = [_dated(event) for item in items for event in item.events]
        if not events:
            return
        first = self._log.head + 1
        entries = [entry(event, self._log.epoch, place) for place, event in enumerate(events, start=first)]
        try:
            async with asyncio.timeout(_APPEND_S):
                await self._store.append(self._session, self._log.epoch, first, [each.body for each in entries])
        except Conflict:
            if not self._store.shared:
                raise
            await self._overtaken(items, first)
            return
        known = self._log.head + 1 - first  # on shared storage, our own events may have come in before the answer
        self._advance(events[known:], entries[known:])
        self._settle(items, appended=True)

    async def _overtaken(self, items: list[_Item], first: int) -> None:
        """Somebody else wrote the next event: hear it, then say again what may still be said, before anything newer."""
        async with asyncio.timeout(_CATCH_UP_S):
            while self._log.head < first:
                self._news.clear()
                await self._news.wait()
        self._settle([item for item in items if item.decided is not None], appended=False)
        self._pending[:0] = [item for item in items if item.decided is None]

    def _advance(self, events: Sequence[Event], entries: Sequence[Entry]) -> None:
        for event, new in zip(events, entries, strict=True):
            self._state.apply(event)
            self._log.append(new)
            self._known += event.kind != "text"
        self._news.set()
        if events:
            self._applied(events)

    def _settle(self, items: Sequence[_Item], *, appended: bool) -> None:
        for item in items:
            self._waiting -= len(item.events)
            if item.decided is not None and not item.decided.done():
                item.decided.set_result(appended)
        self._settled.set()
        self._settled.clear()

    def _break(self, failure: Exception) -> None:
        """What was written may or may not be on the disk: this copy of the session is worthless."""
        self._failure = failure
        self._pending.clear()
        self._waiting = 0
        self._settled.set()
        for decided in tuple(self._undecided):
            if not decided.done():
                decided.set_exception(Unavailable(f"the session's storage failed: {failure}"))
        self._broken()


def _dated(event: Event) -> Event:
    return event if event.kind == "text" else replace(event, at=time.time_ns() // 1_000_000)
