"""What waits for a worker on any server: a session of its own in the same storage, which every server follows.

A run is posted here only when no worker of the server that accepted it is free; who takes it is decided in the run's
own session, so an entry that is late, repeated or stale does no harm. What is struck is trimmed away now and then: a
snapshot of what still waits stands for all before.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

from ..session.event import dumps
from ..storage.base import Conflict, Store, StoreError
from .base import Place

NAME: Final = "~work"  # no device can name this: names of sessions do not begin with ~
_LONGEST = 1_000  # entries before they are trimmed
_AGAIN_S = 0.5
_CATCH_UP_S = 5.0

logger = logging.getLogger(__name__)


class WorkLog:
    """waits, over: what to do when a run waits for a worker, and when it does no more."""

    def __init__(self, store: Store, waits: Callable[[Place], None], over: Callable[[Place], None]) -> None:
        self._store = store
        self._waits = waits
        self._over = over
        self._epoch = ""
        self._first, self._head = 1, 0
        self._posted: dict[Place, None] = {}  # what the entries add up to
        self._unsent: dict[Place, bool] = {}  # True: posted here, False: struck here
        self._news = asyncio.Event()
        self._ready = asyncio.Event()
        self._work = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def open(self) -> None:
        """Begin to follow. Call once."""
        self._tasks = (asyncio.create_task(self._follow()), asyncio.create_task(self._send()))

    async def close(self) -> None:
        """Follow no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def post(self, place: Place) -> None:
        """This run waits."""
        if place not in self._posted:
            self._unsent[place] = True
            self._work.set()

    def strike(self, place: Place) -> None:
        """This run waits no more."""
        self._unsent.pop(place, None)
        if place in self._posted:
            self._unsent[place] = False
            self._work.set()

    async def _follow(self) -> None:
        while True:
            try:
                await self._load()
                async with aclosing(self._store.follow(NAME, self._epoch, self._head)) as batches:
                    async for first, bodies in batches:
                        self._learn(first, bodies)
            except StoreError as problem:  # trimmed further than we have read, or the storage is away
                logger.warning("the list of waiting runs: %s", problem)
            await asyncio.sleep(_AGAIN_S)

    async def _load(self) -> None:
        stored = await self._store.load(NAME)
        before, self._posted = self._posted, {}
        self._epoch, self._first, self._head = stored.epoch, stored.first, stored.first - 1
        for session, run in json.loads(stored.snapshot or b'{"waiting":[]}')["waiting"]:
            self._posted[session, run] = None
            self._waits((session, run))
        self._learn(stored.first, stored.bodies)
        self._ready.set()
        for place in before.keys() - self._posted.keys():
            self._over(place)

    def _learn(self, first: int, bodies: Sequence[bytes]) -> None:
        for body in bodies[max(0, self._head + 1 - first) :]:
            self._head += 1
            self._apply(json.loads(body))
        self._news.set()

    def _apply(self, entry: dict[str, str]) -> None:
        place = entry["session"], entry["run"]
        if entry["type"] == "waits":
            self._posted[place] = None
            self._waits(place)
        elif place in self._posted:
            del self._posted[place]
            self._over(place)

    async def _send(self) -> None:
        await self._ready.wait()
        while True:
            await self._work.wait()
            try:
                await self._append()
                await self._trim()
            except StoreError as problem:
                logger.warning("the list of waiting runs cannot be written: %s", problem)
                await asyncio.sleep(_AGAIN_S)

    async def _append(self) -> None:
        """Write what is still news; another server that was first is heard, then it is tried again."""
        self._unsent = {place: waits for place, waits in self._unsent.items() if waits != (place in self._posted)}
        self._work.clear()
        batch = dict(self._unsent)
        if not batch:
            return
        first = self._head + 1
        bodies = [_entry(place, waits) for place, waits in batch.items()]
        try:
            await self._store.append(NAME, self._epoch, first, bodies)
        except Conflict:
            await self._heard(first)
        else:
            self._learn(first, bodies)
        self._work.set()

    async def _heard(self, offset: int) -> None:
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                while self._head < offset:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise StoreError("it does not tell what others have written") from None

    async def _trim(self) -> None:
        if self._head - self._first < _LONGEST:
            return
        upto = self._head
        await self._store.trim(NAME, self._epoch, upto, dumps({"waiting": list(self._posted)}))
        self._first = upto + 1


def _entry(place: Place, waits: bool) -> bytes:
    return dumps({"type": "waits" if waits else "over", "session": place[0], "run": place[1]})
