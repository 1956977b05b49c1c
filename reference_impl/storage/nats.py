"""Sessions in NATS JetStream, for many servers at once. Durable means: a file stream has taken the message.

nats-server acknowledges when it has written to its file, and syncs the file later (`sync_interval`, two minutes unless
set; from 2.10 on `sync_interval: always` syncs first). A crash of nats-server alone loses nothing that it acknowledged;
a power cut on a single server may lose what it took since the last sync. With replicas (set on the stream) a majority
has taken the message, so one machine may go. A stream that is kept in memory is named in a warning at open.

Each session is one subject, its messages are records (nats_records.py). An append is one message that JetStream takes
only if it knows no newer one of the subject, so it is compared and set in one step. What is taken is republished:
followers anywhere wake at once, and read the stream for what they missed. To trim is to add a snapshot, then to purge
what it stands for: whoever reads in between has both. Bodies larger than a message travel ahead of their record, in
parts; those of an append that never came to its record are forgotten when the session is deleted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from .base import Batch, Conflict, Stored, StoreError, Trimmed, first_epoch
from .following import Feeds, Rest
from .keys import key
from .nats_alive import Alive
from .nats_ears import Ears
from .nats_link import Link
from .nats_log import Mark, SubjectLog
from .nats_records import Record

_OPEN_S = 4.5
_KNOWN = 4_096  # sessions whose newest record is kept in mind


@dataclass(slots=True)
class _Tip:
    """The newest record of a session, as far as is known here. writing: one of its appends at a time, in order."""

    at: Mark | None = None
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class NatsStore:
    """storage.base.Store in the NATS server at `url`, in the stream of that name, made when there is none."""

    shared = True

    def __init__(self, url: str, stream: str = "durable") -> None:
        self._stream = stream
        self._store_id = ""
        self._feeds = Feeds()  # by the subject they hear
        self._link = Link(url, self._feeds.look_all)
        self._log = SubjectLog(self._link, stream)
        self._alive = Alive(self._link, f"{stream}_alive")
        self._ears = Ears(self._link, self._heard, self._feeds.look)
        self._tips: dict[str, _Tip] = {}  # by session
        self._open = False

    async def open(self) -> None:
        """Connect, and make the streams. Raises StoreError."""
        try:
            async with asyncio.timeout(_OPEN_S):
                await self._link.open()
                await self._log.make()
                await self._alive.make()
                self._store_id = await self._log.id(secrets.token_hex(8))
        except (StoreError, TimeoutError) as problem:
            await self._link.close()
            said = str(problem) or "it does not answer"
            raise StoreError(f"cannot use the NATS stream {self._stream}: {said}") from problem
        self._open = True

    async def load(self, session: str) -> Stored:
        """Everything of a session. Raises StoreError."""
        self._check()
        fold, _ = await self._log.fold(key(session), self._begin(session))
        return Stored(fold.epoch, fold.bodies(), fold.first, fold.snapshot)

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events. Raises Conflict or StoreError."""
        record = Record("events", epoch, first, first + len(bodies) - 1, bodies)
        await self._write(session, lambda tip: record if (tip.epoch, tip.head + 1) == (epoch, first) else None)

    async def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """Events as they are appended by anyone. Raises Trimmed, Conflict or StoreError."""
        self._check()
        subject = self._log.live(key(session))
        mark = self._begin(session)

        async def read(after: int) -> Rest:
            nonlocal mark
            heard = self._ears.mark(subject)
            if heard.epoch == epoch and heard.seq > mark.seq and heard.head <= after:
                mark = heard
            fold, mark = await self._log.fold(key(session), mark)
            if fold.epoch != epoch:
                raise Conflict(f"session {session}: {epoch} is gone")
            if after < fold.first - 1:
                raise Trimmed(f"session {session}: events from {after + 1} were trimmed")
            return fold.bodies(after), fold.head

        async with (
            self._ears.listening(subject),
            aclosing(self._feeds.follow(subject, epoch, after, read)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Forget events. Raises Conflict or StoreError."""
        self._check()
        old = [found async for found in self._log.records(key(session))]
        trimmed = max((record.first for _, record in old if record.kind == "snapshot"), default=1)
        if upto < trimmed and epoch == (old[-1][1] if old else self._begin(session)).epoch:
            return

        def record(tip: Mark) -> Record | None:
            fits = tip.epoch == epoch and upto <= tip.head
            return Record("snapshot", epoch, upto + 1, tip.head, (snapshot,)) if fits else None

        await self._write(session, record)
        kept = next((seq for seq, record in old if record.kind == "events" and record.head > upto), old[-1][0] + 1)
        gone = [(seq, record) for seq, record in old if seq < kept or record.kind == "snapshot"]
        await self._log.purge(key(session), gone, kept)

    async def delete(self, session: str, epoch: str) -> None:
        """Forget a session; a record of the epoch after it stays. Raises Conflict or StoreError."""
        record = Record("deleted", secrets.token_hex(5), 1, 0)
        seq = await self._write(session, lambda tip: record if tip.epoch == epoch else None)
        await self._log.purge_parts(key(session), seq)

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Remember the holder for that long, a day at most. Raises StoreError."""
        self._check()
        await self._alive.beat(holder, ttl_s)

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those that are remembered. Raises StoreError."""
        self._check()
        return await self._alive.alive(holders)

    async def close(self) -> None:
        """Let what was asked be answered, then disconnect."""
        if not self._open:
            return
        self._open = False
        self._feeds.close()
        for tip in tuple(self._tips.values()):
            async with tip.writing:
                pass
        await self._link.close()

    async def _write(self, session: str, make: Callable[[Mark], Record | None]) -> int:
        """Add the record that `make` gives for the newest one; its place. Raises Conflict when it gives none."""
        self._check()
        tip = self._tip(session)
        async with tip.writing:
            while True:
                known, tip.at = tip.at, None  # whatever happens, it is not known any more
                at = known or await self._newest(session)
                record = make(at)
                if record is not None and (seq := await self._log.put(key(session), record, at.seq)):
                    tip.at = Mark(record.epoch, record.head, seq)
                    return seq
                if record is None and known is None:
                    raise Conflict(f"session {session}: it does not follow {at.epoch}:{at.head}")

    async def _newest(self, session: str) -> Mark:
        last = await self._log.last(key(session))
        return Mark(last[1].epoch, last[1].head, last[0]) if last else self._begin(session)

    def _begin(self, session: str) -> Mark:
        return Mark(first_epoch(self._store_id, session))

    def _tip(self, session: str) -> _Tip:
        if len(self._tips) > _KNOWN:
            self._tips = {name: tip for name, tip in self._tips.items() if tip.writing.locked()}
        return self._tips.setdefault(session, _Tip())

    def _heard(self, subject: str, record: Record) -> None:
        if record.kind == "deleted" or record.parts:
            self._feeds.look(subject)
        elif record.kind == "events":
            self._feeds.tell(subject, record.epoch, record.first, record.bodies)

    def _check(self) -> None:
        if not self._open:
            raise StoreError("the store is not open")
