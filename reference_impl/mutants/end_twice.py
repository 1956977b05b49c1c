"""An answer ends twice: first under the cursor of the event before it, then under its own.

Two places know when a run is over (the agent, and whoever stores it), and both say so. No row of the taxonomy but that
of the missing marker (row 11): clients that count endings, or begin the next turn at one, are off by one.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription, event_frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TwofoldSubscription(RewrittenSubscription):
        """Says an ending once too often."""

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [each for frame in whole for each in self._said(frame)]

        def _said(self, frame: Frame) -> list[Frame]:
            if frame.kind != "run-end" or not chance.hit():
                return [frame]
            before = frame.message | {"offset": frame.message["offset"] - 1}
            return [event_frame(self._form, before), frame]

    return Parts(subscription=TwofoldSubscription)


MUTANT = Mutant(
    id="end-twice",
    title="One ending in three comes twice",
    rows=(11,),
    trips=Trips(rules=("termination",), may=("finish-race",)),
    settings=Dose(rate=1 / 3),
    audit=Dose(rate=1 / 3),
    build=_build,
)
