"""No device is ever told that an answer is over; only the transcript knows.

No terminal marker (row 11): the stream just has nothing more to say.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class EndlessSubscription(RewrittenSubscription):
        """Keeps every ending to itself."""

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [frame for frame in whole if frame.kind != "run-end" or not chance.hit()]

    return Parts(subscription=EndlessSubscription)


MUTANT = Mutant(
    id="end-never",
    title="The stream never says that an answer is over",
    rows=(11,),
    trips=Trips(rules=("termination", "stop-visibility"), may=("join", "discovery", "convergence", "echo")),
    settings=Dose(rate=1.0),
    build=_build,
)
