"""Between the history that a late device is given and what comes live, one word is missing.

The seam between snapshot and tail (row 28): history is read first and the live subscription opened afterwards, and what
is said in between is in neither.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TornSubscription(RewritingSubscription):
        """Loses the first word after the seam."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._torn = self.late and chance.hit()

        def rewritten(self, frame: Frame) -> bytes:
            if not (self._torn and self.live and frame.is_text):
                return frame.raw
            self._torn = False
            return b""

    return Parts(subscription=TornSubscription)


MUTANT = Mutant(
    id="join-hole",
    title="A device that comes late misses the word between history and live text",
    rows=(28,),
    trips=Trips(rules=("join",), may=("loss",)),
    settings=Dose(rate=1.0),
    build=_build,
)
