"""A resume goes on one event too late: what stood right behind the device's cursor never reaches it.

Boundary skew (row 4): one side takes the cursor as "up to here", the other as "from here". The resume is answered as
recovered, so nothing tells the device that a word is missing.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SkewedLog(Log):
        """Is off by one about what a cursor means."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            missed = self.head - found.after
            if cursor is None or found.gap is not None or not missed or not chance.hit():
                return found
            return Resumption(found.after + 1)

    return Parts(log=SkewedLog)


MUTANT = Mutant(
    id="resume-skip",
    title="One resume in a hundred skips an event",
    rows=(4,),
    trips=Trips(rules=("loss", "completion-window"), counts=("lost",), may=("subagents",)),
    settings=Dose(rate=0.01),
    build=_build,
)
