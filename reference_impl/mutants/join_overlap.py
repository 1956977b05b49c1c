"""The live part of a late device begins with the last word of its history, as if it were new.

The seam between snapshot and tail (row 28), the other way round: the live subscription is opened first, and what is
said until history has been read is in both. It comes glued to the next word, so that no de-duplication can drop it.
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

    class DoubledSubscription(RewritingSubscription):
        """Says the word before the seam once more after it."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._doubles = self.late and chance.hit()
            self._last: Frame | None = None

        def rewritten(self, frame: Frame) -> bytes:
            if not (self._doubles and frame.is_text):
                return frame.raw
            last = self._last
            if not self.live:
                self._last = frame
                return frame.raw
            self._doubles = False
            if last is None or last.run != frame.run:
                return frame.raw
            return self.event(frame, text=last.message["data"]["text"] + frame.message["data"]["text"])

    return Parts(subscription=DoubledSubscription)


MUTANT = Mutant(
    id="join-overlap",
    title="A device that comes late reads the word between history and live text twice",
    rows=(28,),
    trips=Trips(rules=("join",), may=("duplication",)),
    settings=Dose(rate=1.0),
    build=_build,
)
