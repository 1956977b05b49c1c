"""What one process has measured so far: counts, errors by kind, and delays, per ten-second window. Pure: told the time.

The hot path appends seconds to a plain array; `fold` sorts them into histograms a few times a second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field

from ..event import Value
from .figures import Histogram
from .ledger import Counts
from .result import MEASURES
from .waits import Delays, no_delays

KINDS = 50  # of errors told apart; the rest is "other"
FAULTS = ("words", "lost", "repeated", "reordered")


@dataclass(slots=True)
class Tally:
    """Delays are appended to `delays[measure]`, in seconds; everything else adds up in place. ignored: takes those that
    prove nothing (of slow readers, of answers without a pace), so that nobody has to ask before measuring."""

    counts: Counts = field(default_factory=Counts)
    delays: Delays = field(default_factory=lambda: no_delays(MEASURES))
    ignored: Delays = field(default_factory=lambda: no_delays(MEASURES))
    errors: Counter[str] = field(default_factory=Counter)
    prompts: int = 0
    resumes: int = 0
    refused: int = 0
    others: int = 0
    devices: int = 0
    windows: list[Value] = field(default_factory=list)
    _window: dict[str, Histogram] = field(default_factory=dict)
    _live: dict[str, Histogram] = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)

    def error(self, kind: str) -> None:
        """Count an error of this kind."""
        known = kind in self.errors or len(self.errors) < KINDS
        self.errors[kind[:120] if known else "other"] += 1

    def fold(self) -> dict[str, Histogram]:
        """Sort what was measured since the last fold into the window; gives it."""
        fresh: dict[str, Histogram] = {}
        for name, seconds in self.delays.items():
            if seconds:
                fresh[name] = Histogram()
                fresh[name].add_all(seconds, 1e3)
                del seconds[:]  # in place: devices hold on to it
        for unused in self.ignored.values():
            del unused[:]
        for name, histogram in fresh.items():
            self._window.setdefault(name, Histogram()).merge(histogram)
            self._live.setdefault(name, Histogram()).merge(histogram)
        return fresh

    def take(self) -> dict[str, Value]:
        """What was measured since the last call, for live statistics."""
        self.fold()
        taken, self._live = self._live, {}
        return {name: histogram.dump() for name, histogram in taken.items()}

    def turn(self, at_s: float) -> None:
        """A window that began at `at_s` is over."""
        self.fold()
        now = self._so_far()
        grown = {name: count - self._before.get(name, 0) for name, count in now.items()}
        measures = {name: histogram.dump() for name, histogram in self._window.items()}
        self.windows.append({"at_s": at_s, "devices": self.devices, **grown, "measures": measures})
        self._before, self._window = now, {}

    def totals(self) -> Value:
        """Counts as plain JSON; they add up."""
        return {
            "counts": asdict(self.counts),
            "errors": dict(self.errors),
            "prompts": self.prompts,
            "resumes": self.resumes,
            "refused": self.refused,
            "events": self.counts.words
            + self.counts.repeated
            + self.counts.replayed
            + self.counts.foreign
            + self.others,
        }

    def _so_far(self) -> dict[str, int]:
        counts = {name: getattr(self.counts, name) for name in FAULTS}
        return {**counts, "resumes": self.resumes, "refused": self.refused}
