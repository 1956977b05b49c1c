"""A stop of what is stopped, or over, is an error.

Stop not idempotent (row 84): the command looks for a run that is going on and finds none.
"""

from __future__ import annotations

from ..errors import Refused
from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class StrictSession(LiveSession):
        """Will not be told what it knows."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            decision, ended = await super().stop(run, key, by)
            if decision.known and chance.hit():
                raise Refused("not-running", "there is nothing to stop", 409)
            return decision, ended

    return Parts(session=StrictSession)


MUTANT = Mutant(
    id="stop-second-error",
    title="Pressing stop twice shows an error",
    rows=(84,),
    trips=Trips(rules=("stop-idempotence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
