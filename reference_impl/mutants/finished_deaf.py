"""A resume of an answer that has ended hangs: whoever could replay it is gone.

Resume hangs on a dead producer (row 14): the process that wrote the answer serves its replay, and nobody notices that
it has gone with the answer's end.
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from .kind import Dose, Mutant, Trips

_HELD_S = 30.0  # longer than anybody waits, and not for ever: a server must come to its end


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OrphanedSession(LiveSession):
        """Waits for a producer that is no more."""

        async def reach(self, cursor: str | None) -> None:
            behind = cursor is not None and self.log.resume(cursor).after < self.log.head
            if behind and not self._state.active and chance.hit():
                await asyncio.sleep(_HELD_S)
            await super().reach(cursor)

    return Parts(session=OrphanedSession)


MUTANT = Mutant(
    id="finished-deaf",
    title="Coming back after the end of an answer hangs",
    rows=(14,),
    trips=Trips(rules=("hang",)),
    settings=Dose(rate=1.0),
    build=_build,
)
