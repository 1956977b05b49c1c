"""A stop that comes just after the natural end gives the run a second ending.

No row of the taxonomy but that of the stop that is not idempotent (row 84): both ways of ending write their own.
"""

from __future__ import annotations

import time

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.event import Event
from ..session.run import State
from .kind import Dose, Mutant, Trips

JUST_MS = 150


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RacingSession(LiveSession):
        """Stops what has just ended."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            over = self._state.runs.get(run or "")
            just = over is not None and over.at is not None and time.time_ns() // 1_000_000 - over.at < JUST_MS
            if over is None or over.state is not State.COMPLETED or not just or not chance.hit():
                return await super().stop(run, key, by)
            over.state = State.STOPPING
            self._state.active[over.id] = over
            end = Event("run-end", over.id, {"reason": "stopped"})
            return await self._command(lambda: Decision((end,), over.id)), False

    return Parts(session=RacingSession)


MUTANT = Mutant(
    id="finish-twice",
    title="An answer that is stopped as it ends is finished and stopped",
    rows=(84,),
    trips=Trips(rules=("finish-race",), may=("termination",)),
    settings=Dose(rate=1.0),
    build=_build,
)
