"""After a restart a run is not carried on: it is begun again, and says everything once more.

A zombie's work done twice (row 31), a run again instead of a resume (row 32): whoever takes the run over knows its
prompt and not what was said already. Devices show the beginning twice.
"""

from __future__ import annotations

from collections.abc import Collection

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from ..session.event import Event
from ..session.run import State
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class EagerSession(LiveSession):
        """Begins again what it finds unfinished."""

        async def close(self) -> None:
            if not (self._state.active and chance.hit()):
                await super().close()
                return
            self.retire()  # the next server will see to its runs
            await self._turns.silence()

        def _recovery(self, dead: Collection[str]) -> tuple[Event, ...]:
            lost = [run for run in self._state.active.values() if run.state is State.RUNNING and run.holder in dead]
            if not lost or not chance.hit():
                return super()._recovery(dead)
            for run in lost:
                run.text.clear()
            return decide.take_over(self._state, dead, self._holder)

    return Parts(session=EagerSession)


MUTANT = Mutant(
    id="run-from-zero",
    title="After a restart the answer begins again from its first word",
    rows=(31, 32),
    trips=Trips(rules=("restart",)),
    settings=Dose(rate=1.0),
    build=_build,
)
