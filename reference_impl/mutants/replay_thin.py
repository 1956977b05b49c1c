"""One word in ten that everybody saw live is not in the replay.

Live/replay divergence (row 26): what is sent and what is stored are two things, and the second has holes. Only who
resumes can tell.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ThinSubscription(RewrittenSubscription):
        """Leaves words out until it has caught up."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._replays_to = log.head if self.resumed else 0

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [frame for frame in whole if not (self._stored(frame) and chance.hit())]

        def _stored(self, frame: Frame) -> bool:
            return frame.is_text and frame.message["offset"] <= self._replays_to

    return Parts(subscription=ThinSubscription)


MUTANT = Mutant(
    id="replay-thin",
    title="One word in ten is missing from every replay",
    rows=(26,),
    trips=Trips(rules=("loss", "completion-window"), may=("subagents",)),
    settings=Dose(rate=0.1),
    audit=Dose(rate=0.1),
    build=_build,
)
