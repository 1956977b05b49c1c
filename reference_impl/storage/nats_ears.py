"""What NATS publishes of the sessions that somebody here follows: one subscription each, however many follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from .base import StoreError
from .nats_link import Link
from .nats_log import Mark
from .nats_records import Record, decode

_SETTLED_S = 0.5  # after this, all servers of a cluster know of a subscription


@dataclass(slots=True)
class _Ear:
    subscribing: asyncio.Task[Subscription]
    later: asyncio.TimerHandle
    mark: Mark
    followers: int = 0


class Ears:
    """heard: called with the subject and each record that is told. look: called when some may have been missed."""

    def __init__(self, link: Link, heard: Callable[[str, Record], None], look: Callable[[str], None]) -> None:
        self._link = link
        self._heard = heard
        self._look = look
        self._ears: dict[str, _Ear] = {}

    @asynccontextmanager
    async def listening(self, subject: str) -> AsyncIterator[None]:
        """Whatever is published from here on is heard. Raises StoreError."""
        ear = self._ears.get(subject) or self._listen(subject)
        ear.followers += 1
        try:
            await asyncio.shield(ear.subscribing)
            yield
        finally:
            ear.followers -= 1
            if not ear.followers:
                del self._ears[subject]
                await self._leave(ear)

    def mark(self, subject: str) -> Mark:
        """The place of the last record that was heard."""
        return self._ears[subject].mark

    def _listen(self, subject: str) -> _Ear:
        async def hear(message: Msg) -> None:
            self._hear(subject, message)

        subscribing = asyncio.create_task(self._link.hear(subject, hear))
        later = asyncio.get_running_loop().call_later(_SETTLED_S, self._look, subject)
        ear = self._ears[subject] = _Ear(subscribing, later, Mark(""))
        return ear

    async def _leave(self, ear: _Ear) -> None:
        ear.later.cancel()
        ear.subscribing.cancel()
        with suppress(asyncio.CancelledError, StoreError, Error, OSError):
            await (await ear.subscribing).unsubscribe()

    def _hear(self, subject: str, message: Msg) -> None:
        ear = self._ears.get(subject)
        if ear is None:
            return
        seq, record = int((message.headers or {})["Nats-Sequence"]), decode(message.data)
        if not record.parts:
            ear.mark = Mark(record.epoch, record.head, seq)
        self._heard(subject, record)
