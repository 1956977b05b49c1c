"""A stop silences the agent at once, and its ending is told almost two seconds later.

Long stop tail (row 79), of the kind in which the button stays in "stopping …".
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from ..turn import LiveTurn
from ..turns import Turns
from .kind import Dose, Mutant, Trips

LATE_S = 1.8


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SlowTurns(Turns):
        """Takes its time to say that an agent is called off."""

        async def _halt(self, turn: LiveTurn) -> None:
            if chance.hit():
                turn.ending = True  # nobody else calls it off meanwhile
                await asyncio.sleep(LATE_S)
            await super()._halt(turn)

    class SlowSession(LiveSession):
        """Its agents are kept by slow turns."""

        turns = SlowTurns

    return Parts(session=SlowSession)


MUTANT = Mutant(
    id="stop-told-late",
    title="It takes two seconds until a stop shows",
    rows=(79,),
    trips=Trips(rules=("control-delay",)),
    settings=Dose(rate=1.0),
    build=_build,
)
