"""Sessions in the memory of the process. Durable means: until the process ends. For demonstrations and tests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from .base import Conflict, Stored, StoreError, first_epoch


class MemoryStore:
    """storage.base.Store without a disk."""

    def __init__(self) -> None:
        self._id = secrets.token_hex(8)
        self._sessions: dict[str, list[bytes]] = {}
        self._closed = False

    async def open(self) -> None:
        """Nothing to do."""

    async def load(self, session: str) -> Stored:
        """Everything of a session."""
        self._check()
        return Stored(first_epoch(self._id, session), tuple(self._sessions.get(session, ())))

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events. Raises Conflict."""
        self._check()
        known = self._sessions.get(session, [])
        if first != len(known) + 1 or epoch != first_epoch(self._id, session):
            raise Conflict(f"session {session}: {epoch}:{first} cannot follow event {len(known)}")
        self._sessions[session] = known
        known.extend(bodies)

    async def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._sessions.clear()

    def _check(self) -> None:
        if self._closed:
            raise StoreError("the store is closed")
