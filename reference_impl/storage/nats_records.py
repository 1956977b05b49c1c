"""What the messages of a session in NATS say, and what they add up to. No input or output here.

A session is a subject whose messages are records, in order:
- events: some events of the session;
- snapshot: what the events before `first` add up to; those may be gone, or still stand before it;
- deleted: the session begins anew, in another epoch.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from .frame import pack, unpack

Kind: TypeAlias = Literal["events", "snapshot", "deleted"]


def _new_id() -> str:
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Record:
    """first: of the events, or the first one that a snapshot leaves. head: of the session, when it was written.

    parts: how many messages hold the bodies, 0 when they are in the record itself. id: no other record has it.
    """

    kind: Kind
    epoch: str
    first: int
    head: int
    bodies: Sequence[bytes] = ()
    parts: int = 0
    id: str = field(default_factory=_new_id)

    def encode(self) -> bytes:
        """The message."""
        words = (self.kind, self.epoch, str(self.first), str(self.head), str(self.parts), self.id)
        return pack(words, self.bodies)


def decode(message: bytes) -> Record:
    """The record in a message. Raises ValueError."""
    (kind, epoch, first, head, parts, name), bodies = unpack(message)
    return Record(cast("Kind", kind), epoch, int(first), int(head), bodies, int(parts), name)


class Fold:
    """What records add up to. after: the offset of the last event before the first record."""

    def __init__(self, epoch: str, after: int = 0) -> None:
        self.epoch = epoch
        self.first = after + 1  # the first event that is not trimmed
        self.snapshot = b""
        self._begin = after + 1  # the offset of the first body
        self._bodies: list[bytes] = []

    @property
    def whole(self) -> bool:
        """Nothing is missing but what was trimmed. False when records were purged while they were read."""
        return self._begin <= self.first

    @property
    def head(self) -> int:
        """The offset of the last event."""
        return self._begin - 1 + len(self._bodies)

    def add(self, record: Record) -> None:
        """Take the next record."""
        self.epoch = record.epoch
        if record.kind == "events":
            self._reach(record.first)
            self._bodies.extend(record.bodies)
        elif record.kind == "snapshot":
            self._reach(record.head + 1)
            if record.first > self.first:
                self.first, self.snapshot = record.first, record.bodies[0]
        else:
            self.first, self.snapshot = 1, b""
            self._reach(1)

    def bodies(self, after: int = 0) -> tuple[bytes, ...]:
        """The events after an offset that are not trimmed."""
        return tuple(self._bodies[max(self.first, after + 1) - self._begin :])

    def _reach(self, offset: int) -> None:
        """The next event is this one: if others should have come before it, they were purged."""
        if offset != self.head + 1:
            self._begin = offset
            self._bodies.clear()
