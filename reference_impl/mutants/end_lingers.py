"""An answer ends three seconds after its last word, for everybody.

Linger after end (row 15): the end is found out by waiting for more, because the message that says it gets lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from .kind import Dose, Mutant, Trips

_LINGERS_S = 3.0


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class LingeringSession(LiveSession):
        """Waits before it believes that an answer is complete."""

        async def _command(self, decided: Callable[[], Decision], *, begin: bool = True) -> Decision:
            completes = any(event.data.get("reason") == "completed" for event in decided().events)
            if completes and chance.hit():
                await asyncio.sleep(_LINGERS_S)
            return await super()._command(decided, begin=begin)

    return Parts(session=LingeringSession)


MUTANT = Mutant(
    id="end-lingers",
    title="The spinner turns for seconds after the last word",
    rows=(15,),
    trips=Trips(rules=("termination",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
