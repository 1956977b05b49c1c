"""Who may append, and what was appended before: producers number what they write, so retries and zombies are harmless.

A producer has an id, an epoch (raised when it is replaced) and a sequence number that is dense from 1 within the epoch.
The scheme is that of Kafka's idempotent producer (KIP-98). The places of producers are part of what a session's events
add up to, so a producer that reconnects to another server, or after a restart, is known there.
"""

from __future__ import annotations

from collections.abc import Mapping
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


class Producers:
    """The last accepted write of each producer of a session: id → (epoch, sequence)."""

    def __init__(self, places: Mapping[str, tuple[int, int]] | None = None) -> None:
        self.places = dict(places or {})

    def admit(self, stamp: Stamp) -> bool:
        """True: append it. False: it was appended before, acknowledge it again. Raises Fenced or OutOfSequence."""
        epoch, sequence = self.places.get(stamp.producer, (stamp.epoch, 0))
        if stamp.epoch < epoch:
            raise Fenced(f"{stamp.producer}: epoch {stamp.epoch} was replaced by {epoch}")
        last = sequence if stamp.epoch == epoch else 0
        if stamp.sequence <= last:
            return False
        if stamp.sequence > last + 1:
            raise OutOfSequence(f"{stamp.producer}: {stamp.sequence} cannot follow {last}")
        self.places[stamp.producer] = (stamp.epoch, stamp.sequence)
        return True

    def last(self, producer: str, epoch: int) -> int:
        """The sequence number that the producer last wrote in this epoch, 0 for none. Raises Fenced."""
        known, sequence = self.places.get(producer, (epoch, 0))
        if epoch < known:
            raise Fenced(f"{producer}: epoch {epoch} was replaced by {known}")
        return sequence if known == epoch else 0
