"""A storage that is measured: how long its appends take, and whether it works at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from time import perf_counter

from ..storage.base import Batch, Conflict, Store, Stored, StoreError
from .metrics import Metrics

_PROBED = "~ready"  # a session that nobody writes to: devices cannot name it
_PATIENCE_S = 2.0
_SHADOW_S = 2.0  # after an append that failed: longer than a balancer takes to ask again


class MeasuredStore:
    """storage.base.Store: the given one, with nothing added to or taken from what it promises."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._failed_at: float | None = None

    async def works(self) -> bool:
        """It can be read from at this moment, and no append has failed just now."""
        if self._failed_at is not None and perf_counter() < self._failed_at + _SHADOW_S:
            return False
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._store.load(_PROBED)
        except (StoreError, TimeoutError):
            return False
        return True

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Raises Conflict or StoreError."""
        began = perf_counter()
        try:
            await self._store.append(session, epoch, first, bodies)
        except Conflict:
            raise
        except StoreError:
            self._failed_at = perf_counter()
            self._metrics.storage_failures += 1
            raise
        self._metrics.wrote(len(bodies), perf_counter() - began)

    @property
    def shared(self) -> bool:
        """As the store is."""
        return self._store.shared

    async def open(self) -> None:
        """Raises StoreError."""
        await self._store.open()

    async def load(self, session: str) -> Stored:
        """Raises StoreError."""
        return await self._store.load(session)

    def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """Raises Trimmed, Conflict or StoreError."""
        return self._store.follow(session, epoch, after)

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Raises Conflict or StoreError."""
        await self._store.trim(session, epoch, upto, snapshot)

    async def delete(self, session: str, epoch: str) -> None:
        """Raises Conflict or StoreError."""
        await self._store.delete(session, epoch)

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Raises StoreError."""
        await self._store.beat(holder, ttl_s)

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Raises StoreError."""
        return await self._store.alive(holders)

    async def close(self) -> None:
        """As the store does."""
        await self._store.close()
