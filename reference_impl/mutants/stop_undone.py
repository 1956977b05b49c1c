"""A stopped answer is written on as soon as a device connects.

Resurrected stream (row 69): the stop closed the stream, and the record of what is running was left as it was.
"""

from __future__ import annotations

from ..live import Listener
from ..parts import Parts
from ..session.run import State
from .control import TalkingSession
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RestlessSession(TalkingSession):
        """Takes up again what was stopped."""

        def attach(self, listener: Listener) -> None:
            super().attach(listener)
            for run in self._state.runs.values():
                if run.state is State.STOPPED and run.text and run.id not in self.talking and chance.hit():
                    self.talk_on(run)

    return Parts(session=RestlessSession)


MUTANT = Mutant(
    id="stop-undone",
    title="Reconnecting brings a stopped answer back to life",
    rows=(69,),
    trips=Trips(rules=("resurrection",)),
    settings=Dose(rate=1.0),
    build=_build,
)
