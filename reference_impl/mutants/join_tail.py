"""A device that opens the session in the middle of an answer gets only what comes from then on.

Prefix missing on join (row 46): who comes late starts at the tail, as a subscription to a bus does, and is told that it
has recovered. A resume from a cursor is right.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TailingLog(Log):
        """Has no past for those who do not name one."""

        def resume(self, cursor: str | None) -> Resumption:
            if cursor is None and self.head and chance.hit():
                return Resumption(self.head)
            return super().resume(cursor)

    return Parts(log=TailingLog)


MUTANT = Mutant(
    id="join-tail",
    title="A device that comes late gets the rest of the answer without its beginning",
    rows=(46,),
    trips=Trips(rules=("join", "echo")),
    settings=Dose(rate=1.0),
    build=_build,
)
