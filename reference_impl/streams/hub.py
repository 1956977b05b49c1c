"""All streams of a server: read from storage when they are named, kept while they are used, forgotten when they end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

from ..errors import Refused, Unavailable
from ..storage.base import Conflict, Store, Stored, StoreError
from . import decide, problems
from .decide import Wanted
from .forks import Forks, inherit
from .live import LiveStream, now_ms
from .log import StreamLog
from .record import Appended, Created, Record, decode, encode
from .settings import StreamSettings
from .state import StreamState, fold

_LOOKED_AT = 4  # streams considered for forgetting whenever one is loaded
_ATTEMPTS = 5  # at creating a stream that others create and delete at the same time
_LARGE = 256  # records that are read beside the event loop
_LONGEST_WAIT_S = 86_400.0


@dataclass(slots=True)
class _Place:
    """A stream in memory, when it was last named (event loop time, seconds), and when its lifetime is looked at."""

    live: LiveStream
    named_at: float
    timer: asyncio.TimerHandle | None = None


class Streams:
    """Finds, creates, deletes and forgets streams."""

    def __init__(self, store: Store, settings: StreamSettings | None = None) -> None:
        self.settings = settings or StreamSettings()
        self._store = store
        self._forks = Forks(self._seek, self._erase)
        self._places: OrderedDict[str, _Place] = OrderedDict()  # the longest unnamed first
        self._loading: dict[str, asyncio.Task[LiveStream | str]] = {}
        self._expiring: set[asyncio.Task[None]] = set()
        self._closed = False

    async def find(self, path: str) -> LiveStream:
        """The stream at that path. Raises StreamRefused (404, 410) or Unavailable."""
        live = await self._seek(stored_name(path))
        if isinstance(live, str):
            raise problems.unknown()
        if live.state.deleted:
            raise problems.gone()
        return live

    async def create(self, path: str, wanted: Wanted, content: bytes) -> tuple[LiveStream, bool]:
        """The stream, and whether it was not there before. Raises StreamRefused or Unavailable."""
        name = stored_name(path)
        for _ in range(_ATTEMPTS):
            found = await self._seek(name)
            if isinstance(found, LiveStream):
                wanted.confirm(found.state)
                return found, False
            with suppress(Conflict):
                return await self._create(name, found, wanted, content), True
        raise Unavailable("others create and delete the stream at the same time")

    async def delete(self, live: LiveStream) -> None:
        """Delete it; when it has forks, keep what they need. Raises StreamRefused or Unavailable."""
        await self._forks.forget_dead(live)
        if live.state.forks:
            await live.submit(decide.delete)
        else:
            await self._erase(live)

    async def close(self) -> None:
        """End every stream in good order."""
        self._closed = True
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        await asyncio.gather(*(place.live.close() for place in tuple(self._places.values())))
        for task in tuple(self._expiring):
            task.cancel()

    async def _seek(self, name: str) -> LiveStream | str:
        """The stream of that name in storage, whatever its state; when there is none, the epoch it would have."""
        if self._closed:
            raise Unavailable("the server is going away")
        live = self._named(name) or await self._loaded(name)
        if isinstance(live, str) or _plain(live):
            return live
        if live.state.deleted:
            await self._forks.forget_dead(live)
            if live.state.forks:
                return live
            await self._erase(live)
        elif _expired(live):
            await self.delete(live)
        else:
            return live
        return self._named(name) or await self._loaded(name)

    def _named(self, name: str) -> LiveStream | None:
        place = self._places.get(name)
        if place is None:
            return None
        place.named_at = asyncio.get_running_loop().time()
        self._places.move_to_end(name)
        return place.live

    async def _loaded(self, name: str) -> LiveStream | str:
        if name not in self._loading:
            task = asyncio.create_task(self._load(name))
            task.add_done_callback(lambda _: self._loading.pop(name, None))
            self._loading[name] = task
        return await asyncio.shield(self._loading[name])

    async def _load(self, name: str) -> LiveStream | str:
        self._forget_idle()
        stored = await self._stored(name)
        if not stored.bodies:
            return stored.epoch
        large = len(stored.bodies) > _LARGE
        records = await asyncio.to_thread(_decoded, stored) if large else _decoded(stored)
        return await self._adopt(name, stored.epoch, records)

    async def _create(self, name: str, epoch: str, wanted: Wanted, content: bytes) -> LiveStream:
        origin = None
        if wanted.source is not None:
            source = await self._seek(wanted.source)
            origin = await self._forks.refer(source, wanted, name, epoch)
        records: list[Record] = [decide.create(wanted, epoch, now_ms(), origin)]
        if content or wanted.closed:
            records.append(Appended(content, wanted.closed))
        with _available():
            await self._store.append(name, epoch, 1, [encode(record) for record in records])
        return await self._adopt(name, epoch, records)

    async def _adopt(self, name: str, epoch: str, records: Sequence[Record]) -> LiveStream:
        state = fold(records)
        log = StreamLog(state.created.lineage)
        if state.created.source is not None:
            inherit(log, state.created.source, await self._content(state.created.source.name))
        for record in records:
            if isinstance(record, Appended):
                log.append(record.content)
        log.closed = state.closed
        known = self._places.get(name)  # somebody may have been faster
        return known.live if known is not None and known.live.epoch == epoch else self._keep(name, epoch, state, log)

    def _keep(self, name: str, epoch: str, state: StreamState, log: StreamLog) -> LiveStream:
        store, gather_s = self._store, self.settings.gather_s
        live = LiveStream(name, epoch, state, log, store=store, gather_s=gather_s, gone=self._forget)
        self._places[name] = _Place(live, asyncio.get_running_loop().time())
        self._watch(live)
        return live

    async def _content(self, name: str) -> tuple[str, StreamLog]:
        """The epoch and the content of a source; it stays in memory no longer than it is used."""
        if name in self._places:
            live = self._places[name].live
            return live.epoch, live.log
        stored = await self._stored(name)
        records = _decoded(stored)
        if not records or not isinstance(records[0], Created):
            return stored.epoch, StreamLog("")
        log = StreamLog(records[0].lineage)
        if records[0].source is not None:
            inherit(log, records[0].source, await self._content(records[0].source.name))
        for record in records:
            if isinstance(record, Appended):
                log.append(record.content)
        return stored.epoch, log

    async def _erase(self, live: LiveStream) -> None:
        """Delete it from storage, and let go of what it began with."""
        with _available(), suppress(Conflict):  # somebody else was faster
            await self._store.delete(live.name, live.epoch)
        live.retire()
        if live.state.created.source is not None:
            await self._forks.release(live)

    async def _stored(self, name: str) -> Stored:
        with _available():
            return await self._store.load(name)

    def _watch(self, live: LiveStream) -> None:
        """Look at a stream's lifetime when it may be over, and often enough for its readers to keep it alive."""
        left_ms, ttl_s = live.state.left_ms(now_ms()), live.state.created.ttl_s
        place = self._places.get(live.name)
        if left_ms is None or place is None or live.over:
            return
        delay_s = min(max(left_ms / 1_000, 0.0), _LONGEST_WAIT_S, _LONGEST_WAIT_S if ttl_s is None else ttl_s / 2)
        place.timer = asyncio.get_running_loop().call_later(delay_s + 0.001, self._look, live)

    def _look(self, live: LiveStream) -> None:
        if _expired(live) and not live.state.deleted:
            task = asyncio.create_task(self._expire(live))
            self._expiring.add(task)
            task.add_done_callback(self._expiring.discard)
            return
        if live.readers:
            live.use()
        self._watch(live)

    async def _expire(self, live: LiveStream) -> None:
        with suppress(Refused):
            await self.delete(live)

    def _forget(self, live: LiveStream) -> None:
        place = self._places.get(live.name)
        if place is not None and place.live is live:
            del self._places[live.name]
            if place.timer is not None:
                place.timer.cancel()

    def _forget_idle(self) -> None:
        """Let go of streams that nobody has used for long: a few each time one comes, so that memory has a bound."""
        loop = asyncio.get_running_loop()
        for name, place in tuple(islice(self._places.items(), _LOOKED_AT)):
            if place.named_at > loop.time() - self.settings.idle_s:
                return
            if place.live.idle:
                place.live.retire()
            else:
                place.named_at = loop.time()
                self._places.move_to_end(name)


def stored_name(path: str) -> str:
    """The name that the stream at that path has in storage; the names of sessions have no colon."""
    return f"stream:{path}"


@contextmanager
def _available() -> Iterator[None]:
    """A storage that fails is said in the words of the protocol; a Conflict is for the caller to look at."""
    try:
        yield
    except Conflict:
        raise
    except StoreError as failure:
        raise Unavailable(f"the stream's storage failed: {failure}") from failure


def _decoded(stored: Stored) -> list[Record]:
    return [decode(body) for body in stored.bodies]


def _expired(live: LiveStream) -> bool:
    left_ms = live.state.left_ms(now_ms())
    return left_ms is not None and left_ms <= 0


def _plain(live: LiveStream) -> bool:
    """There is nothing to look at before it is used."""
    made = live.state.created
    return made.ttl_s is None and made.expires_ms is None and not live.state.deleted
