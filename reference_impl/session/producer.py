"""Who may append, and what was appended before: producers number what they write, so retries and zombies are harmless.

A producer has an id, an epoch (raised when it is replaced) and a sequence number that is dense from 1 within the epoch.
The scheme is that of Kafka's idempotent producer (KIP-98).
"""

from __future__ import annotations

from dataclasses import dataclass


class Fenced(Exception):
    """The producer was replaced, or told to be quiet: nothing it writes counts any more."""


class OutOfSequence(Exception):
    """Something the producer wrote before is missing; it must send that first."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a producer puts on each write."""

    producer: str
    epoch: int
    sequence: int


@dataclass(slots=True)
class _Place:
    epoch: int
    sequence: int


class Producers:
    """The last accepted write of each producer of a session."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    def admit(self, stamp: Stamp) -> bool:
        """True: append it. False: it was appended before, acknowledge it again. Raises Fenced or OutOfSequence."""
        place = self._places.setdefault(stamp.producer, _Place(stamp.epoch, 0))
        if stamp.epoch < place.epoch:
            raise Fenced(f"{stamp.producer}: epoch {stamp.epoch} was replaced by {place.epoch}")
        last = place.sequence if stamp.epoch == place.epoch else 0
        if stamp.sequence <= last:
            return False
        if stamp.sequence > last + 1:
            raise OutOfSequence(f"{stamp.producer}: {stamp.sequence} cannot follow {last}")
        place.epoch, place.sequence = stamp.epoch, stamp.sequence
        return True

    def fence(self, producer: str) -> int:
        """Refuse everything from the producer's current epoch; returns the epoch a successor must use."""
        place = self._places.setdefault(producer, _Place(0, 0))
        place.epoch, place.sequence = place.epoch + 1, 0
        return place.epoch
