"""What a server counts about itself: plain numbers, so that counting costs next to nothing where it happens.

They are counted once a batch, a decision or a connection, never once an event and device. `exposition.py` puts them
into words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ..session.event import Event

APPEND_S: Final = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)  # upper bounds


class Metrics:
    """Since the server's start. refused: by code. resumes: by `recovered`, or why not. ended: runs by their ending."""

    def __init__(self) -> None:
        self.appended = 0
        self.append_s = 0.0
        self.appends = [0] * (len(APPEND_S) + 1)  # by duration; the last one is for the slowest
        self.storage_failures = 0
        self.resumes: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.slow_cut = 0

    def wrote(self, events: int, seconds: float) -> None:
        """One batch was appended."""
        self.appended += events
        self.append_s += seconds
        self.appends[bisect_left(APPEND_S, seconds)] += 1

    def decided(self, events: Sequence[Event]) -> None:
        """A decision was appended by this server (others count their own)."""
        for event in events:
            if event.kind == "run-end":
                self.ended[event.data["reason"]] += 1
