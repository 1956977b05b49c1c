"""What a server had in hand when it was ended has no ending, then or ever.

The endless spinner, by a producer that died (rows 13 and 14): nobody ends its runs when it goes, and nobody looks for
them when it is back. The session waits for a process that is gone.
"""

from __future__ import annotations

from collections.abc import Collection

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Event
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class CarelessSession(LiveSession):
        """Leaves its runs as they are."""

        async def close(self) -> None:
            if not (self._state.active and chance.hit()):
                await super().close()
                return
            self.retire()
            await self._turns.silence()

        def _recovery(self, dead: Collection[str]) -> tuple[Event, ...]:
            return () if self._state.active and chance.hit() else super()._recovery(dead)

    return Parts(session=CarelessSession)


MUTANT = Mutant(
    id="run-orphaned",
    title="An answer that a restart broke off spins for ever",
    rows=(13, 14),
    trips=Trips(rules=("restart",)),
    settings=Dose(rate=1.0),
    build=_build,
)
