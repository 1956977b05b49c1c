"""A device that comes late gets no more text until the answer is over; then it gets all of it.

Observer waits for the end (row 48): who watches reads what is stored, and an answer is stored when it is complete.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips
from .pieces import END


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class WaitingSubscription(Subscription):
        """Holds back what comes live until a run ends."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._waits = after == log.trimmed and log.head > after and chance.hit()
            self._told = False
            self._held = b""

        def take(self, limit_bytes: int) -> bytes:
            if not self._waits:
                return super().take(limit_bytes)
            while piece := super().take(limit_bytes):
                if not self._told:  # history, and that it is over
                    self._told = b'"type":"caught-up"' in piece
                    return piece
                self._held += piece
                if END in piece:
                    held, self._held = self._held, b""
                    return held
            return b""

    return Parts(subscription=WaitingSubscription)


MUTANT = Mutant(
    id="observer-late",
    title="On the second device the rest of the answer appears all at once when it is complete",
    rows=(48,),
    trips=Trips(rules=("live-view",), may=("buffering",)),
    settings=Dose(rate=1.0),
    build=_build,
)
