"""Heartbeats are sent and held back by a buffer on the way, whose own idle timeout then cuts the stream.

A heartbeat that does not cross (row 37): a hop collects small writes until something larger comes, and what it has
passed nothing over for two seconds (30 in the field) is idle to it.
"""

from __future__ import annotations

from ..parts import Parts
from ..transports.stream import Ending, Stream
from .kind import Dose, Mutant, Trips

_IDLE_S = 2.0


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class CollectingStream(Stream):
        """Writes a heartbeat together with what comes next."""

        _held = b""
        _passed = 0.0  # when something last went out

        def write(self, frames: bytes) -> None:
            if frames == self._ping and chance.hit():
                self._hold()
                return
            held, self._held = self._held, b""
            super().write(held + frames)
            self._passed = self._loop.time()

        def _hold(self) -> None:
            self._held += self._ping
            self._last_write = self._loop.time()
            if self._last_write - self._passed >= _IDLE_S - 0.1:
                self._transport.abort()
                self.end(Ending.GONE)

    return Parts(stream=CollectingStream)


MUTANT = Mutant(
    id="beat-held",
    title="The connection is cut in a long silence though heartbeats are sent",
    rows=(37,),
    trips=Trips(rules=("silence",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
