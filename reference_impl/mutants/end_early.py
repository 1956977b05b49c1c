"""The ending of an answer overtakes its last three words.

Text and endings come over two ways, and the ending is faster: a client that closes its stream at the ending shows a cut
answer as a finished one (row 12). It needs an answer of more than three words, and one that ends by itself.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription

_BEHIND = 3  # words


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OvertakenSubscription(RewrittenSubscription):
        """Is always a few words behind, but never with an ending."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._behind: list[Frame] = []
            self._overtaken = chance.hit()

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [each for frame in whole for each in self._said(frame)] if self._overtaken else whole

        def _said(self, frame: Frame) -> list[Frame]:
            if frame.is_text:
                self._behind.append(frame)
                sent, self._behind = self._behind[:-_BEHIND], self._behind[-_BEHIND:]
                return sent
            behind, self._behind = self._behind, []
            completed = frame.kind == "run-end" and frame.message["data"]["reason"] == "completed"
            return [frame, *behind] if completed else [*behind, frame]

    return Parts(subscription=OvertakenSubscription)


MUTANT = Mutant(
    id="end-early",
    title="The ending comes before the last three words",
    rows=(12,),
    trips=Trips(rules=("termination",)),
    settings=Dose(rate=1.0),
    audit=Dose(rate=0.5),
    build=_build,
)
