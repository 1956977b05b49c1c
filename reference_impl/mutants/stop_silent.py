"""Nobody is sent the ending of an answer that was stopped; it stands in the transcript only.

Silent stop (row 71): the stream just has nothing more to say.
"""

from __future__ import annotations

from ..parts import Parts
from .control import RewrittenStream
from .kind import Dose, Mutant, Trips
from .pieces import Frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class MuteStream(RewrittenStream):
        """Leaves out that a run was stopped."""

        def rewrite(self, form: str, frame: Frame) -> Frame | None:
            stopped = frame.kind == "run-end" and frame.message["data"]["reason"] == "stopped"
            return None if stopped and chance.hit() else frame

    return Parts(stream=MuteStream)


MUTANT = Mutant(
    id="stop-silent",
    title="After a stop the answer just freezes on every screen",
    rows=(71,),
    trips=Trips(rules=("stop-visibility",), may=("termination",)),
    settings=Dose(rate=1.0),
    build=_build,
)
