"""Servers on one storage tell each other that they live, and pick up the runs of those that do not."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence

from .errors import Unavailable
from .live import LiveSession
from .storage.base import Store, StoreError
from .workers.base import is_worker

_BEATS = 3  # within the time that one counts

logger = logging.getLogger(__name__)


class Pulse:
    """holder: the name of this server, new each time it starts. sessions: those that it has in memory. lease_s: how
    long a worker that says nothing keeps its runs; None where there are no workers."""

    def __init__(
        self,
        store: Store,
        alive_s: float,
        sessions: Callable[[], Sequence[LiveSession]],
        lease_s: float | None = None,
    ) -> None:
        self.holder = f"n_{secrets.token_hex(6)}"
        self._store = store
        self._alive_s = alive_s
        self._sessions = sessions
        self._lease_s = lease_s
        self._since = 0.0  # event loop time, seconds
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Be alive from now on. Raises StoreError."""
        self._since = asyncio.get_running_loop().time()
        if self._store.shared:
            await self._store.beat(self.holder, self._alive_s)
        if self._store.shared or self._lease_s is not None:
            self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Be gone, at once: others need not wait to find out."""
        if self._beating is None:
            return
        self._beating.cancel()
        try:
            if self._store.shared:
                await self._store.beat(self.holder, 0)
        except StoreError as problem:
            logger.warning("could not say goodbye: %s", problem)

    async def dead(self, holders: Collection[str]) -> frozenset[str]:
        """Those that are gone. On storage of one process, that is everybody else but the workers that live."""
        if not self._store.shared:
            workers = frozenset(filter(is_worker, holders))
            return frozenset(holders) - await self._living(workers) | {""}
        return frozenset(holders) - await self._store.alive(holders) if holders else frozenset()

    async def look_after(self) -> None:
        """Recover the sessions here that somebody who is gone had a run of. Raises StoreError or Unavailable."""
        sessions = [(session, session.holders) for session in self._sessions()]
        dead = await self.dead(frozenset().union(*(holders for _, holders in sessions)))
        for session, holders in sessions:
            if holders & dead:
                await session.recover(dead)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(min(self._alive_s, self._lease_s or self._alive_s) / _BEATS)
            try:
                if self._store.shared:
                    await self._store.beat(self.holder, self._alive_s)
                await self.look_after()
            except (StoreError, Unavailable) as problem:
                logger.warning("the pulse of this server falters: %s", problem)

    async def _living(self, workers: frozenset[str]) -> frozenset[str]:
        """After a restart workers have the time of their lease to come back: who beat before is not known."""
        if asyncio.get_running_loop().time() < self._since + (self._lease_s or 0.0):
            return workers
        return await self._store.alive(workers)
