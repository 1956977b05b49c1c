"""A server that goes away, or is full, says so and not when to come again.

The rejected reconnect that is final (row 42): 503 without Retry-After, so that clients give up, or come back all at
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..access.door import Door
from ..errors import Refused
from ..parts import Parts
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class CurtDoor(Door):
        """Gives no advice."""

        @contextmanager
        def stream(self) -> Iterator[None]:
            full = self.streams >= self._most
            if (self.draining or full) and chance.hit():
                raise Refused("draining" if self.draining else "full", "come back later", 503)
            with super().stream():
                yield

    return Parts(door=CurtDoor)


MUTANT = Mutant(
    id="refused-bare",
    title="Devices that are sent away are not told when to come again",
    rows=(42,),
    trips=Trips(rules=("refused-reconnect",)),
    settings=Dose(rate=1.0),
    build=_build,
)
