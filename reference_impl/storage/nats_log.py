"""The records of sessions in one JetStream stream: read, added one after another, and purged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from .base import StoreError
from .frame import pack, unpack
from .nats_link import Link
from .nats_records import Fold, Record, decode

_ROOM = 4_096  # bytes of a message kept free for its headers and the words of its record
_TRIES = 20  # how often a session that changes while it is read is read again

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Mark:
    """A place in a session: its record at `seq` ended with the event `head`. seq 0: before its first record."""

    epoch: str
    head: int = 0
    seq: int = 0


class _Changed(Exception):
    """What was to be read has been purged meanwhile."""


class SubjectLog:
    """A session's records are the messages of `<stream>.s.<token>`; they are published again to `<stream>.live.<token>`
    once they are taken. Parts of large bodies: `<stream>.p.<token>.<record>.<number>`."""

    def __init__(self, link: Link, stream: str) -> None:
        self._link = link
        self._stream = stream

    def live(self, token: str) -> str:
        """Where the records of a session are published when they are taken."""
        return f"{self._stream}.live.{token}"

    async def make(self) -> None:
        """Make the stream if it is not there. Raises StoreError, also when one of that name cannot do what is needed"""
        config = {
            "subjects": [f"{self._stream}.id", f"{self._stream}.s.*", f"{self._stream}.p.>"],
            "storage": "file",
            "retention": "limits",
            "discard": "new",  # whoever sets limits gets an error when they are reached, and loses nothing
            "allow_rollup_hdrs": True,
            "republish": {"src": f"{self._stream}.s.*", "dest": f"{self._stream}.live.{{{{wildcard(1)}}}}"},
        }
        found = await self._link.make(self._stream, config)
        self._inspect(config, found)

    async def id(self, proposed: str) -> str:
        """What the first who asked has proposed. Raises StoreError."""
        subject = f"{self._stream}.id"
        await self._link.put(subject, proposed.encode(), 0)
        kept = await self._link.last(self._stream, subject)
        return kept.data.decode() if kept else proposed

    async def last(self, token: str) -> tuple[int, Record] | None:
        """The newest record and its place; its bodies may be elsewhere. Raises StoreError."""
        kept = await self._link.last(self._stream, self._subject(token))
        return (kept.seq, decode(kept.data)) if kept else None

    async def fold(self, token: str, mark: Mark) -> tuple[Fold, Mark]:
        """What the records after the mark add up to, and a mark at their end. Raises StoreError."""
        for _ in range(_TRIES):
            fold, end = Fold(mark.epoch, mark.head), mark.seq
            try:
                async with aclosing(self.records(token, mark.seq)) as records:
                    async for seq, record in records:
                        fold.add(await self._whole(token, record))
                        end = seq
            except _Changed:
                continue
            if fold.whole:
                return fold, Mark(fold.epoch, fold.head, end)
        raise StoreError(f"{self._subject(token)} changes faster than it can be read")

    async def records(self, token: str, after: int = 0) -> AsyncGenerator[tuple[int, Record], None]:
        """The records after a place and their places, bodies that are elsewhere left out. Raises StoreError."""
        subject = self._subject(token)
        last = await self._link.last(self._stream, subject)
        if last is None or last.seq <= after:
            return
        following = await self._link.next(self._stream, subject, after + 1)
        if following is not None and following.seq >= last.seq:  # most who come back have missed only one
            yield following.seq, decode(following.data)
            return
        async with aclosing(self._link.messages(self._stream, subject, after + 1, last.seq)) as messages:
            async for seq, data in messages:
                yield seq, decode(data)

    async def put(self, token: str, record: Record, last: int) -> int:
        """Add the record after the one at `last`; its place, or 0 when another stands there. Raises StoreError."""
        subject, sent = self._subject(token), await self._parted(token, record)
        seq = await self._link.put(subject, sent.encode(), last, instead=record.kind == "deleted")
        if seq == 0:
            there = await self._link.next(self._stream, subject, last + 1)
            if there is not None and decode(there.data).id == record.id:
                return there.seq  # it was taken, and the answer was lost
            await self._drop_parts(token, sent)
        return seq

    async def purge(self, token: str, obsolete: Iterable[tuple[int, Record]], before: int) -> None:
        """Forget the records before a place, and those of the obsolete that come later. Raises StoreError."""
        await self._link.purge(self._stream, self._subject(token), before)
        for seq, record in obsolete:
            await self._drop_parts(token, record)
            if seq >= before:
                await self._link.drop(self._stream, seq)

    async def purge_parts(self, token: str, before: int) -> None:
        """Forget all bodies that are not in their records, from before a place. Raises StoreError."""
        await self._link.purge(self._stream, f"{self._stream}.p.{token}.>", before)

    def _subject(self, token: str) -> str:
        return f"{self._stream}.s.{token}"

    def _part(self, token: str, record: Record, number: int | str) -> str:
        return f"{self._stream}.p.{token}.{record.id}.{number}"

    async def _parted(self, token: str, record: Record) -> Record:
        """The record as it is sent: with its bodies, or with how many parts they were put into."""
        most = self._link.largest - _ROOM
        content = pack((), record.bodies) if sum(map(len, record.bodies)) + 8 * len(record.bodies) > most else b""
        if not content:
            return record
        parts = [content[start : start + most] for start in range(0, len(content), most)]
        for number, part in enumerate(parts):
            await self._link.put(self._part(token, record, number), part)
        return replace(record, bodies=(), parts=len(parts))

    async def _whole(self, token: str, record: Record) -> Record:
        """The record with its bodies. Raises _Changed or StoreError."""
        if not record.parts:
            return record
        names = (self._part(token, record, number) for number in range(record.parts))
        parts = await asyncio.gather(*(self._link.last(self._stream, name) for name in names))
        found = [part.data for part in parts if part is not None]
        if len(found) < record.parts:
            raise _Changed
        return replace(record, bodies=unpack(b"".join(found))[1], parts=0)

    async def _drop_parts(self, token: str, record: Record) -> None:
        if record.parts:
            await self._link.purge(self._stream, self._part(token, record, "*"))

    def _inspect(self, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        for name in ("allow_rollup_hdrs", "republish"):
            if found.get(name) != wanted[name]:
                raise StoreError(f"its {name} is {found.get(name)}, and has to be {wanted[name]}")
        if found.get("storage") != "file":
            logger.warning("NATS keeps the stream %s in memory: all of it is lost when it ends", self._stream)
        if found.get("discard") != "new":
            logger.warning("the stream %s discards old messages when it is full: events may be lost", self._stream)
        if found.get("max_age"):
            logger.warning("the stream %s forgets messages by their age: events will be lost", self._stream)
