"""Stopping one run ends every run of the session.

A stop that is addressed to the chat (row 73, and row 61 where it crosses devices): others were waiting, or writing.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class BluntSession(LiveSession):
        """Has one stop for all."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            decision, ended = await super().stop(run, key, by)
            if decision.events and chance.hit():
                for other in tuple(self._state.active):
                    await super().stop(other, None, by)
            return decision, ended

    return Parts(session=BluntSession)


MUTANT = Mutant(
    id="stop-everything",
    title="Stopping one answer stops the others, too",
    rows=(61, 73),
    trips=Trips(rules=("stop-aim",)),
    settings=Dose(rate=1.0),
    build=_build,
)
