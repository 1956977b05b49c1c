"""After a stop the session answers no prompt any more.

Wedged after stop (row 76): the lock of the stopped run is never given back.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Event
from ..session.run import State
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class WedgedSession(LiveSession):
        """Waits for ever for a run that was stopped."""

        def _begun(self, events: Sequence[Event]) -> tuple[Event, ...]:
            stopped = any(run.state is State.STOPPED for run in self._state.runs.values())
            return () if stopped and chance.hit() else super()._begun(events)

    return Parts(session=WedgedSession)


MUTANT = Mutant(
    id="stop-wedges",
    title="After a stop the next question is never answered",
    rows=(76,),
    trips=Trips(rules=("readiness",)),
    settings=Dose(rate=1.0),
    build=_build,
)
