"""A stop for an answer that is over stops the one that is being written.

Stale stop hits new turn (row 73): the stop means "whatever is running here", and it was late.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.run import State
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class AimlessSession(LiveSession):
        """Stops what there is to stop."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            decision, ended = await super().stop(run, key, by)
            running = [other.id for other in self._state.active.values() if other.state is State.RUNNING]
            if ended and running and chance.hit():
                await super().stop(running[0], None, by)
            return decision, ended

    return Parts(session=AimlessSession)


MUTANT = Mutant(
    id="stop-stale",
    title="A late stop cuts off the next answer",
    rows=(73,),
    trips=Trips(rules=("stop-aim",)),
    settings=Dose(rate=1.0),
    build=_build,
)
