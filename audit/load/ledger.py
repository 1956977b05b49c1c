"""Checking one device's words as they arrive, in constant memory. The same truth as the history judges (`checks/`):
a test feeds both the same streams and holds them to each other.

Words of a run are numbered from 1. A word that comes again is a repeat; one that is skipped is missing until it comes
late (then it was reordered, not lost) or the run ends (then it is lost).
"""

from __future__ import annotations

from dataclasses import dataclass, field

GARBLED_LIMIT = 1_000  # foreign words of which it is remembered where they stood, per run
ENDINGS = ("completed", "stopped", "superseded")


@dataclass(slots=True)
class Counts:
    """What went wrong, in words and runs; adds up over devices. replayed: words sent again that the target's documented
    de-duplication drops, which is no fault. after_stop: words that came live, later than the budget, after a stop was
    acknowledged. wrong_end: runs that ended otherwise than they should have: failed, unknown, stopped though nobody
    stopped them, completed though somebody did. unanswered: devices that were still not let in, or back in, when the
    load was over."""

    words: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    foreign: int = 0
    replayed: int = 0
    runs: int = 0
    unended: int = 0
    wrong_end: int = 0
    after_stop: int = 0
    unanswered: int = 0

    def add(self, other: Counts) -> None:
        """Take another's counts in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def faults(self) -> int:
        """Everything that must be 0."""
        broken = self.unended + self.wrong_end + self.after_stop + self.unanswered
        return self.lost + self.repeated + self.reordered + self.foreign + broken


@dataclass(slots=True)
class Ledger:
    """One run on one device. items: words to come when the run completes. expected: the next word's number.

    garbled: where a foreign word stood: (number of the word before it, whether that word came since the last one).
    A garbled word stands where a right one should: the right one is not lost but damaged (`checks.words`).
    """

    counts: Counts
    items: int
    expected: int = 1
    ended: str = ""
    tail: str = ""
    last: int = 0
    missing: set[int] = field(default_factory=set)
    garbled: list[tuple[int, bool]] = field(default_factory=list)

    def word(self, number: int, *, replayed: bool = False) -> bool:
        """Word `number` arrived; True when it is new. replayed: the target's documented de-duplication drops it when it
        is a repeat. 0: it is no word of this run."""
        if number == self.expected and number <= self.items:
            self.last = number
            self.expected = number + 1
            self.counts.words += 1
            return True
        return self._other(number, replayed)

    def restate(self) -> None:
        """The run is told again from its start: what it holds is judged by the last telling."""
        self.expected, self.last, self.tail = 1, 0, ""
        self.missing.clear()
        self.garbled.clear()

    def end(self, reason: str, *, wrong: bool = False) -> None:
        """The run ended on this device, for the given reason (`completed`, `stopped`, …). wrong: by what is known of
        the run, it should have ended otherwise."""
        if self.ended:
            self.counts.repeated += 1
            return
        self.ended = reason
        self.counts.runs += 1
        self.counts.lost += len(self._lost(self.items if reason == "completed" else self.expected - 1))
        self.counts.wrong_end += wrong or reason not in ENDINGS

    def close(self, owed: int | None = None, *, answered: bool = True) -> None:
        """The load is over and everything had time to settle: a run without an end never gets one, nor its words.

        owed: how many words were said for sure (None: all). answered: the device was told all that there was.
        """
        if not self.ended:
            owed = self.items if owed is None else owed
            self.counts.unended += answered
            self.counts.lost += len(self._lost(max(owed, self.expected - 1)))

    def _other(self, number: int, replayed: bool) -> bool:
        if not 1 <= number <= self.items:
            return self._foreign()
        self.last = number
        if number > self.expected:
            self.missing.update(range(self.expected, number))
            self.expected = number + 1
            self.counts.words += 1
            return True
        if number in self.missing:
            self._late(number)
            return True
        self.counts.replayed += replayed
        self.counts.repeated += not replayed
        return False

    def _foreign(self) -> bool:
        self.counts.foreign += 1
        if len(self.garbled) < GARBLED_LIMIT:
            self.garbled.append((self.last, self.last >= 0))
        self.last = -1
        return False

    def _late(self, number: int) -> None:
        self.missing.discard(number)
        self.counts.words += 1
        self.counts.reordered += 1
        if self.ended:
            self.counts.lost -= 1

    def _lost(self, until: int) -> set[int]:
        """Numbers up to `until` that never came, but for those in whose place something garbled stood."""
        lost = self.missing | set(range(self.expected, until + 1))
        place = 0
        for before, fresh in self.garbled:
            place = before if fresh else place
            if place + 1 in lost:
                place += 1
                lost.remove(place)
        return lost
