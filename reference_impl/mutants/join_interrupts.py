"""A device that opens the session takes the place of those that were there: their streams are closed.

Ghost owner the other way round (row 54), from telling devices apart by their user (row 61): there is one stream a
session, and the newest one has it.
"""

from __future__ import annotations

from ..live import Listener, LiveSession
from ..parts import Parts
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SingleSession(LiveSession):
        """Sends the others away when somebody comes while an answer is being written."""

        def attach(self, listener: Listener) -> None:
            if self._state.active and self.listeners and chance.hit():
                for other in tuple(self.listeners):
                    other.leave()
            super().attach(listener)

    return Parts(session=SingleSession)


MUTANT = Mutant(
    id="join-interrupts",
    title="Opening the chat on the phone closes it on the laptop",
    rows=(54, 61),
    trips=Trips(rules=("independence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
