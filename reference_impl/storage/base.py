"""The contract of every storage backend: events of sessions, appended in order, acknowledged only when durable.

A backend MUST
- acknowledge `append` (return) only when the events are durable by the promise in its own docstring;
- append all events of one call or none of them, also when the process dies at any moment;
- keep each session's events dense: an append whose `first` is not the next offset, or whose epoch is not the session's,
  raises Conflict and changes nothing (so two servers can never both write a session's next event);
- return from `load` exactly the bytes that were appended, every acknowledged event among them;
- answer `load` of a session that was never appended to with an epoch of its own and no events, and store nothing for
  it: naming a session costs no storage. That epoch stays the same as long as the storage does;
- carry out overlapping calls of different sessions independently: a Conflict in one fails no other;
- accept calls from one event loop only.
It MAY take long. It raises StoreError for everything else that goes wrong; the caller must then assume that the append
may or may not have happened, and load the session again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class StoreError(Exception):
    """The storage failed; the message says how, for the operator."""


class Conflict(StoreError):
    """Somebody else wrote to the session, or it has another epoch: what the caller believes of it is out of date."""


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is stored of a session: event n (from 1) is `bodies[n - 1]`."""

    epoch: str
    bodies: Sequence[bytes]


class Store(Protocol):
    """One storage backend."""

    async def open(self) -> None:
        """Make it ready. Raises StoreError."""
        ...

    async def load(self, session: str) -> Stored:
        """Everything of a session. Raises StoreError."""
        ...

    async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
        """Add events `first`, `first + 1`, … Raises Conflict or StoreError."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of everything. Calls after this one raise StoreError."""
        ...


def first_epoch(store_id: str, session: str) -> str:
    """The epoch of a session nobody has written to yet, the same each time it is asked for within one storage."""
    return hashlib.blake2b(session.encode(), key=store_id.encode(), digest_size=5).hexdigest()
