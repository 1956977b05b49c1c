"""A resume is answered three seconds late.

What a device missed is looked for in a store that is slow, or asked for by polling. Nothing is lost, and joins are
quick.
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from .kind import Dose, Mutant, Trips

_LATE_S = 3.0


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SlowSession(LiveSession):
        """Takes its time to find a cursor."""

        async def reach(self, cursor: str | None) -> None:
            if cursor is not None and chance.hit():
                await asyncio.sleep(_LATE_S)
            await super().reach(cursor)

    return Parts(session=SlowSession)


MUTANT = Mutant(
    id="resume-late",
    title="Who comes back waits three seconds for the next word",
    rows=(43,),
    trips=Trips(rules=("resume-delay",)),
    settings=Dose(rate=0.2),
    audit=Dose(rate=0.5),
    build=_build,
)
