"""A stopped answer ends as completed.

A silent stop (row 71): nothing tells a half answer that was stopped from a whole one, nor from one that was left.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from ..session.decide import Decision
from ..session.run import State
from .control import aimed_at
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OneEndingSession(LiveSession):
        """Knows one way for an answer to end."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant = aimed_at(self, run, key)
            if meant is None or meant.state is not State.RUNNING or not chance.hit():
                return await super().stop(run, key, by)
            decision = await self._command(
                lambda: Decision(decide.finish(self._state, meant, State.COMPLETED), meant.id)
            )
            return decision, False

    return Parts(session=OneEndingSession)


MUTANT = Mutant(
    id="stop-reads-done",
    title="A stopped answer looks finished",
    rows=(71,),
    trips=Trips(rules=("stop-visibility", "stop-vs-disconnect")),
    settings=Dose(rate=1.0),
    build=_build,
)
