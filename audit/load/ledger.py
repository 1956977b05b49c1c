"""Checking one device's words as they arrive, in constant memory. The same truth as the history judges (`checks/`):
a test feeds both the same streams and holds them to each other.

Words of a run are numbered from 1. A word that comes again is a repeat; one that is skipped is missing until it comes
late (then it was reordered, not lost) or the run ends (then it is lost).
"""

from __future__ import annotations

from dataclasses import dataclass, field

MISSING_LIMIT = 1_000  # numbers remembered as missing, per run; beyond it a late word counts as foreign


@dataclass(slots=True)
class Counts:
    """What went wrong, in words and runs; adds up over devices."""

    words: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    foreign: int = 0
    runs: int = 0
    unended: int = 0
    wrong_end: int = 0
    after_stop: int = 0

    def add(self, other: Counts) -> None:
        """Take another's counts in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def faults(self) -> int:
        """Everything that must be 0."""
        return (
            self.lost + self.repeated + self.reordered + self.foreign + self.unended + self.wrong_end + self.after_stop
        )


@dataclass(slots=True)
class Ledger:
    """One run on one device. items: words to come when the run completes."""

    counts: Counts
    items: int
    expected: int = 1
    missing: set[int] = field(default_factory=set)
    ended: str = ""
    stopped: bool = False

    def word(self, number: int, *, replayed: bool = False) -> bool:
        """Word `number` arrived; True when it is new. replayed: the target's documented de-duplication drops it."""
        if number == self.expected:
            self.expected += 1
            self.counts.words += 1
            return True
        return self._other(number, replayed)

    def _other(self, number: int, replayed: bool) -> bool:
        counts = self.counts
        if number > self.items or number < 1:
            counts.foreign += 1
            return False
        if number > self.expected:
            self.missing.update(range(self.expected, min(number, self.expected + MISSING_LIMIT)))
            self.expected = number + 1
            counts.words += 1
            return True
        if number in self.missing:
            self.missing.discard(number)
            counts.words += 1
            counts.reordered += 1
            return True
        counts.repeated += not replayed
        return False

    def end(self, reason: str) -> None:
        """The run ended on this device, for the given reason (`completed`, `stopped`, …)."""
        if self.ended:
            self.counts.repeated += 1
            return
        self.ended = reason
        self.counts.runs += 1
        self.counts.lost += len(self.missing)
        if reason == "completed":
            self.counts.lost += self.items + 1 - self.expected
        if reason not in ("completed", "stopped", "superseded") or (reason == "completed" and self.stopped):
            self.counts.wrong_end += 1

    def close(self) -> None:
        """The load is over and everything had time to settle: a run without an end never gets one."""
        if not self.ended:
            self.counts.unended += 1
            self.counts.lost += len(self.missing)
