"""Sessions in the memory of the process. Durable means: until the process ends. For demonstrations and tests."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field

from .base import Batch, Conflict, Stored, StoreError, Trimmed, first_epoch
from .local import Beats, Watch


@dataclass(slots=True)
class _Session:
    epoch: str
    first: int = 1
    snapshot: bytes = b""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def head(self) -> int:
        return self.first - 1 + len(self.bodies)


class MemoryStore:
    """storage.base.Store without a disk."""

    shared = False

    def __init__(self) -> None:
        self._id = secrets.token_hex(8)
        self._sessions: dict[str, _Session] = {}
        self._deleted: dict[str, int] = {}
        self._watch = Watch()
        self._beats = Beats()
        self._closed = False

    async def open(self) -> None:
        """Nothing to do."""

    async def load(self, session: str) -> Stored:
        """Everything of a session."""
        found = self._find(session)
        return Stored(found.epoch, tuple(found.bodies), found.first, found.snapshot)

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events. Raises Conflict."""
        found = self._find(session)
        if (epoch, first) != (found.epoch, found.head + 1):
            raise Conflict(f"session {session}: {epoch}:{first} cannot follow {found.epoch}:{found.head}")
        self._sessions[session] = found
        found.bodies.extend(bodies)
        self._watch.wake(session)

    async def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """Events as they are appended. Raises Trimmed or Conflict."""
        with self._watch.watching(session) as change:
            while True:
                found = self._find(session)
                if found.epoch != epoch:
                    raise Conflict(f"session {session}: {epoch} is gone")
                if after < found.first - 1:
                    raise Trimmed(f"session {session}: events from {after + 1} were trimmed")
                if after < found.head:
                    bodies = tuple(found.bodies[after + 1 - found.first :])
                    yield after + 1, bodies
                    after += len(bodies)
                    continue
                await change.wait()
                change.clear()

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Forget events. Raises Conflict."""
        found = self._find(session)
        if epoch != found.epoch or upto > found.head:
            raise Conflict(f"session {session}: {epoch}:{upto} is not in {found.epoch}:{found.head}")
        if upto >= found.first:
            del found.bodies[: upto + 1 - found.first]
            found.first, found.snapshot = upto + 1, snapshot

    async def delete(self, session: str, epoch: str) -> None:
        """Forget a session. Raises Conflict."""
        if epoch != self._find(session).epoch:
            raise Conflict(f"session {session}: {epoch} is gone")
        self._sessions.pop(session, None)
        self._deleted[session] = self._deleted.get(session, 0) + 1
        self._watch.wake(session)

    async def beat(self, holder: str, ttl_s: float) -> None:
        """Remember the holder for that long."""
        self._check()
        self._beats.beat(holder, ttl_s)

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those that are remembered."""
        self._check()
        return self._beats.alive(holders)

    async def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._sessions.clear()
        self._watch.wake_all()

    def _find(self, session: str) -> _Session:
        self._check()
        known = self._sessions.get(session)
        return known or _Session(first_epoch(self._id, session, self._deleted.get(session, 0)))

    def _check(self) -> None:
        if self._closed:
            raise StoreError("the store is closed")
