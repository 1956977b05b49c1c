"""A join is sent every piece of text three times over; the device drops what it has.

The cost of a join grows with more than the content (row 43): each layer of the replay adds the pieces that it knows of.
Nobody reads anything twice, because every piece has its cursor; it only takes three times as long.
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

    class GenerousSubscription(RewritingSubscription):
        """Replays text generously to a device that comes late."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._generous = self.late and chance.hit()

        def rewritten(self, frame: Frame) -> bytes:
            times = 3 if self._generous and frame.is_text and not self.live else 1
            return frame.raw * times

    return Parts(subscription=GenerousSubscription)


MUTANT = Mutant(
    id="replay-thrice",
    title="Long chats take three times as long to open as they should",
    rows=(43,),
    trips=Trips(rules=("replay-cost",), may=("cursor-integrity",)),
    settings=Dose(rate=1.0),
    build=_build,
)
