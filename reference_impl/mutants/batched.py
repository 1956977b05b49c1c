"""Words are held back and sent every seven tenths of a second.

Proxy buffering (row 35), by a timer: something on the way collects what comes and passes it on at intervals. Everything
arrives, in order; nobody sees an answer being written.
"""

from __future__ import annotations

import asyncio

from ..parts import Parts
from ..transports.stream import Stream
from .kind import Dose, Mutant, Trips

_EVERY_S = 0.7


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class BatchedStream(Stream):
        """Writes a while after it has something to write."""

        _due: asyncio.TimerHandle | None = None

        def wake(self) -> None:
            if self._due is None and self.following:
                if chance.hit():
                    self._due = self._loop.call_later(_EVERY_S, self._flush)
                else:
                    super().wake()

        def _flush(self) -> None:
            self._due = None
            super().wake()

    return Parts(stream=BatchedStream)


MUTANT = Mutant(
    id="batched",
    title="Words come every seven tenths of a second, many at a time",
    rows=(35,),
    trips=Trips(rules=("buffering",), may=("live-view", "independence", "discovery", "control-delay", "stop")),
    settings=Dose(rate=1.0),
    build=_build,
)
