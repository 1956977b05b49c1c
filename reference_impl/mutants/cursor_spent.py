"""A cursor works once: who comes back a second time without having got anything is let in as if it were new.

Cursor amnesia (row 23): the place of a device is forgotten as soon as its stream is opened, and known again only with
the next event. A second drop in between finds no place to go on from, and the device gets what comes from then on.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OneTimeLog(Log):
        """Remembers which cursors it has honored, and honors none twice."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self._spent: set[str] = set()

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap is not None:
                return found
            again = cursor in self._spent
            self._spent.add(cursor)
            return Resumption(self.head) if again and chance.hit() else found

    return Parts(log=OneTimeLog)


MUTANT = Mutant(
    id="cursor-spent",
    title="A second drop before the first new word loses what was missed",
    rows=(23,),
    trips=Trips(rules=("loss",)),
    settings=Dose(rate=1.0),
    build=_build,
)
