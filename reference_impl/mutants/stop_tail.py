"""A stop is acknowledged at once and carried out almost two seconds later: the answer goes on until then.

Long stop tail (row 79): the agent looks for stops only now and then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ..errors import Refused
from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.run import State
from .control import aimed_at
from .kind import Dose, Mutant, Trips

LATE_S = 1.8


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class PollingSession(LiveSession):
        """Looks for stops later."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant = aimed_at(self, run, key)
            if meant is None or meant.state is not State.RUNNING or not meant.text or not chance.hit():
                return await super().stop(run, key, by)
            self._in_background(self._later(meant.id, by))
            return Decision((), meant.id), False

        async def _later(self, run: str, by: str) -> None:
            await asyncio.sleep(LATE_S)
            with suppress(Refused):
                await super().stop(run, None, by)

    return Parts(session=PollingSession)


MUTANT = Mutant(
    id="stop-tail",
    title="After a stop it writes on for two seconds",
    rows=(79,),
    trips=Trips(rules=("stop", "control-delay")),
    settings=Dose(rate=1.0),
    build=_build,
)
