"""The ids of two words that come back to back change places; the words do not.

Ids are given by several writers, or end in something random: in a burst their order is not that of the text. Boundary
skew (row 4) for whoever resumes between the two, and a client that sorts by id shows them wrong.
"""

from __future__ import annotations

from itertools import pairwise

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription, event_frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ShuffledSubscription(RewrittenSubscription):
        """Gives two words each other's offset where it has more than `beyond` of them to send at once."""

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            words = [place for place, frame in enumerate(whole) if frame.is_text]
            places = [one for one, other in pairwise(words) if other == one + 1]
            if len(words) > max(dose.beyond, 1) and places and chance.hit():
                one = chance.pick(places)
                whole[one], whole[one + 1] = self._as(whole[one], whole[one + 1]), self._as(whole[one + 1], whole[one])
            return whole

        def _as(self, frame: Frame, other: Frame) -> Frame:
            return event_frame(self._form, frame.message | {"offset": other.message["offset"]})

    return Parts(subscription=ShuffledSubscription)


MUTANT = Mutant(
    id="id-unordered",
    title="In a burst the ids of two words change places",
    rows=(4,),
    trips=Trips(rules=("cursor-integrity",), may=("convergence",)),
    settings=Dose(rate=0.25, beyond=4),
    audit=Dose(rate=0.25, beyond=4),
    build=_build,
)
