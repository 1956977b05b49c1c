"""A cursor is the time by a clock that is forty milliseconds ahead.

Wall-clock cursor (row 22): a resume asks for what came after a moment, and the moment is read from another clock than
the one that stamped the events. What lies between the two clocks is lost.
"""

from __future__ import annotations

import time
from bisect import bisect_right

from ..parts import Parts
from ..session.log import Entry, Log, Resumption
from .kind import Dose, Mutant, Trips

_AHEAD_S = 0.04


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TimedLog(Log):
        """Finds the place of a cursor by its time."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self._began = trimmed
            self._times: list[float] = []

        def append(self, new: Entry) -> None:
            super().append(new)
            self._times.append(time.monotonic())

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            place = found.after - self._began - 1
            if cursor is None or found.gap is not None or place < 0 or not chance.hit():
                return found
            return Resumption(self._began + bisect_right(self._times, self._times[place] + _AHEAD_S))

    return Parts(log=TimedLog)


MUTANT = Mutant(
    id="clock-cursor",
    title="A resume loses what came within forty milliseconds of its cursor",
    rows=(22,),
    trips=Trips(rules=("loss",), may=("subagents",)),
    settings=Dose(rate=1.0),
    build=_build,
)
