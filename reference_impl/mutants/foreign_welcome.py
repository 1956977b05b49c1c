"""A cursor of another log is good for this one: only its number counts.

Wrong incarnation (row 10): the session was created anew, or the cursor is of another one, and the old position is
served from the new content. What the device shows is stitched together from two logs.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class NumberedLog(Log):
        """Looks at the second half of a cursor alone."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap != "foreign-epoch" or not chance.hit():
                return found
            return self._from(int(cursor.rpartition(":")[2]))

    return Parts(log=NumberedLog)


MUTANT = Mutant(
    id="foreign-welcome",
    title="A cursor of another session goes on in the middle of this one",
    rows=(10,),
    trips=Trips(rules=("cursor-honesty",)),
    settings=Dose(rate=1.0),
    build=_build,
)
