"""Who comes back when an answer is over gets all of it but its last word.

Last word evicted (row 25): the buffer of a run is closed when the run is, and what came with the closing is not in it
any more. Devices that are there see everything; a join reads the log, and is right.
"""

from __future__ import annotations

from itertools import pairwise

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ClosedSubscription(RewrittenSubscription):
        """Leaves out the word before an ending that was there before the device was."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._over = log.head

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            lost = [word for word, end in pairwise(whole) if self._evicted(word, end) and chance.hit()]
            return [frame for frame in whole if frame not in lost]

        def _evicted(self, word: Frame, end: Frame) -> bool:
            ended = end.kind == "run-end" and end.message["offset"] <= self._over
            return self.resumed and ended and word.is_text and word.run == end.run

    return Parts(subscription=ClosedSubscription)


MUTANT = Mutant(
    id="last-word-evicted",
    title="Who comes back after the end never gets the last word",
    rows=(25,),
    trips=Trips(rules=("completion-window",), may=("subagents",)),
    settings=Dose(rate=0.1),
    audit=Dose(rate=1.0),
    build=_build,
)
