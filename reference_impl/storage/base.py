"""The contract of every storage backend: events of sessions, appended in order, acknowledged only when durable.

A backend MUST
- acknowledge `append` (return) only when the events are durable by the promise in its own docstring;
- append all events of one call or none of them, also when the process dies at any moment;
- keep each session's events dense: an append whose `first` is not the next offset, or whose epoch is not the session's,
  raises Conflict and changes nothing. This is what makes many servers on one storage safe: of two that write a
  session's next event exactly one succeeds, and the other has to look first at what the winner said;
- return from `load` exactly the bytes that were appended and not trimmed, every acknowledged event among them;
- answer `load` of a session that was never appended to with an epoch of its own and no events, and store nothing for
  it: naming a session costs no storage. That epoch stays the same as long as the storage does;
- hand `follow` every durable event, in order and without a hole, whoever appended it, soon after it was acknowledged
  and without being asked again and again (no polling);
- carry out overlapping calls of different sessions independently: a Conflict in one fails no other;
- accept calls from one event loop only.
It MAY take long. It raises StoreError for everything else that goes wrong; the caller must then assume that the append
may or may not have happened, and load the session again.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Batch: TypeAlias = tuple[int, Sequence[bytes]]  # the offset of its first event, and the events


class StoreError(Exception):
    """The storage failed; the message says how, for the operator."""


class Conflict(StoreError):
    """Somebody else wrote to the session, or it has another epoch: what the caller believes of it is out of date."""


class Trimmed(StoreError):
    """The events asked for are not stored any more; `load` has what they add up to."""


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is stored of a session: event n is `bodies[n - first]`.

    Events before `first` were trimmed; `snapshot` is what whoever trimmed them said they add up to.
    """

    epoch: str
    bodies: Sequence[bytes]
    first: int = 1
    snapshot: bytes = b""

    @property
    def head(self) -> int:
        """The offset of the last event, 0 when there never was one."""
        return self.first - 1 + len(self.bodies)


class Store(Protocol):
    """One storage backend."""

    @property
    def shared(self) -> bool:
        """Other processes may write to the same sessions."""
        ...

    async def open(self) -> None:
        """Make it ready. Raises StoreError within 5 seconds when it cannot be."""
        ...

    async def load(self, session: str) -> Stored:
        """Everything of a session. Raises StoreError."""
        ...

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events `first`, `first + 1`, … Raises Conflict or StoreError."""
        ...

    def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        """The events after `after`: those that are there, then others as they become durable, until closed.

        Raises Trimmed, Conflict when the session has another epoch (it was deleted), or StoreError.
        """
        ...

    async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
        """Forget the events up to `upto`, and keep `snapshot` in their place; both or neither. Trimming less than what
        is trimmed already changes nothing. Raises Conflict (another epoch, or beyond the head) or StoreError."""
        ...

    async def delete(self, session: str, epoch: str) -> None:
        """Forget a session whole; from now on its name stands for another session, which has another epoch. Raises
        Conflict (another epoch) or StoreError."""
        ...

    async def beat(self, holder: str, ttl_s: float) -> None:
        """`holder` (a server or a worker) is alive, and will say so again within `ttl_s`. Raises StoreError."""
        ...

    async def alive(self, holders: Iterable[str]) -> frozenset[str]:
        """Those of the holders whose last beat still counts. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of everything; followers end. Calls after this one raise StoreError."""
        ...


def first_epoch(store_id: str, session: str, deleted: int = 0) -> str:
    """The epoch of a session nobody has written to yet, the same each time it is asked for within one storage.

    deleted: how many sessions of that name there were before.
    """
    name = f"{session}\0{deleted}" if deleted else session
    return hashlib.blake2b(name.encode(), key=store_id.encode(), digest_size=5).hexdigest()
