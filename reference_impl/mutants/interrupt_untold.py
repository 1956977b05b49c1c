"""Nobody who watches a superseded answer is told that it is over.

Superseded viewers stranded (row 83): the device that interrupted knows, the others wait.
"""

from __future__ import annotations

from ..parts import Parts
from .control import RewrittenStream
from .kind import Dose, Mutant, Trips
from .pieces import Frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class StrandedStream(RewrittenStream):
        """Leaves out that a run was superseded."""

        def rewrite(self, form: str, frame: Frame) -> Frame | None:
            superseded = frame.kind == "run-end" and frame.message["data"]["reason"] == "superseded"
            return None if superseded and chance.hit() else frame

    return Parts(stream=StrandedStream)


MUTANT = Mutant(
    id="interrupt-untold",
    title="Whoever watched the interrupted answer waits for ever",
    rows=(83,),
    trips=Trips(rules=("interrupt",), may=("termination",)),
    settings=Dose(rate=1.0),
    build=_build,
    policy="interrupt",
)
