"""One run on one device, beside what should be there: what loss, duplication, order and text-integrity all read."""

from __future__ import annotations

from dataclasses import dataclass

from ..history import History
from .memo import per_history
from .oracle import Oracle, oracle
from .screen import Shown, screens
from .words import Comparison, Word, compare, words


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a device shows of a run at the end, against the oracle. oracle: None when there is nothing to compare with;
    then `comparison` is None, too."""

    label: str
    device: str
    shown: Shown
    words: tuple[Word, ...]
    oracle: Oracle | None
    comparison: Comparison | None

    @property
    def evidence(self) -> tuple[int, ...]:
        """What settles the oracle."""
        return self.oracle.evidence if self.oracle else ()

    @property
    def total(self) -> int:
        """How many words there should be."""
        return len(self.oracle.words) if self.oracle else 0


@per_history
def delivery(history: History, label: str, device: str) -> Delivery:
    """A device's share of a run."""
    shown = screens(history)[device].run(label)
    held, should = words(shown), oracle(history, label, device)
    return Delivery(label, device, shown, held, should, compare(should.words, held) if should else None)
