"""Who is alive, kept in a stream of its own: the last beat of each holder, by the clock of the NATS server."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable

from .keys import key
from .nats_link import Kept, Link

_DAY_S = 86_400


class Alive:
    """Beats in `stream`. One lasts a day at most."""

    def __init__(self, link: Link, stream: str) -> None:
        self._link = link
        self._stream = stream
        self._now = f"{stream}.now.{secrets.token_hex(6)}"

    async def make(self) -> None:
        """Make the stream if it is not there. Raises StoreError."""
        config = {
            "subjects": [f"{self._stream}.beat.*", f"{self._stream}.now.*"],
            "storage": "file",  # after a restart of NATS, those who were alive before still are
            "max_msgs_per_subject": 1,
            "max_age": int(_DAY_S * 1e9),  # nanoseconds
        }
        await self._link.make(self._stream, config)

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Remember the holder for that long. Raises StoreError."""
        await self._link.put(self._beat(holder), str(ttl_s).encode())

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those whose beat counts now: a message of our own tells what time it is there. Raises StoreError."""
        asked = tuple(holders)
        await self._link.put(self._now, b"")
        now, *beats = await asyncio.gather(*map(self._last, (self._now, *map(self._beat, asked))))
        return frozenset(
            holder
            for holder, beat in zip(asked, beats, strict=True)
            if now and beat and beat.time + float(beat.data) > now.time
        )

    def _beat(self, holder: str) -> str:
        return f"{self._stream}.beat.{key(holder)}"

    async def _last(self, subject: str) -> Kept | None:
        return await self._link.last(self._stream, subject)
