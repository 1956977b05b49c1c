"""Producers of a stream, by the protocol's own numbers (PROTOCOL.md section 5.2.1).

The idea is that of session/producer.py; here sequences count from 0, and the refusals say what the server knows.
"""

from __future__ import annotations

from ..session.producer import Stamp
from .problems import StreamRefused, conflict, malformed


class StreamProducers:
    """The last accepted append of each producer: id → (epoch, sequence)."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}

    def place(self, producer: str) -> tuple[int, int] | None:
        """The epoch and the highest accepted sequence of a producer."""
        return self._places.get(producer)

    def check(self, stamp: Stamp) -> bool:
        """True: append it. False: it was appended before. Raises StreamRefused: a zombie, a hole, a late beginning."""
        epoch, last = self._places.get(stamp.producer, (stamp.epoch, -1))
        if stamp.epoch < epoch:
            raise StreamRefused("fenced", f"epoch {epoch} replaced this one", 403, {"Producer-Epoch": str(epoch)})
        if stamp.epoch > epoch:
            if stamp.sequence:
                raise malformed("a new epoch begins with sequence 0")
            return True
        if stamp.sequence <= last:
            return False
        if stamp.sequence > last + 1:
            refused = conflict("out-of-sequence", f"{stamp.sequence} cannot follow {last}")
            refused.headers |= {
                "Producer-Expected-Seq": str(last + 1),
                "Producer-Received-Seq": str(stamp.sequence),
            }
            raise refused
        return True

    def accept(self, stamp: Stamp) -> None:
        """It was appended."""
        self._places[stamp.producer] = (stamp.epoch, stamp.sequence)
