"""A resume while an answer is being written is neither answered nor refused.

The other side of row 14: the resume waits for a message from the producer, which is busy producing. Joins, and resumes
when nothing is being written, are answered at once.
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from .kind import Dose, Mutant, Trips

_HELD_S = 30.0  # longer than anybody waits, and not for ever: a server must come to its end


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class DeafSession(LiveSession):
        """Holds on to who comes back too early."""

        async def reach(self, cursor: str | None) -> None:
            if cursor is not None and self._state.active and chance.hit():
                await asyncio.sleep(_HELD_S)
            await super().reach(cursor)

    return Parts(session=DeafSession)


MUTANT = Mutant(
    id="resume-deaf",
    title="Reconnecting during an answer hangs until the page is reloaded",
    rows=(14,),
    trips=Trips(rules=("hang",)),
    settings=Dose(rate=1.0),
    build=_build,
)
