"""A cursor beyond the end of the log is taken for the end of it.

A bogus cursor welcomed (row 9): only "is anything newer than this?" is asked, and nothing is. Whoever comes with
a cursor of a log that was longer (one that was restored from a backup, say) is told that nothing is missing.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class CreditingLog(Log):
        """Never doubts that a number was given out."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            return Resumption(self.head) if found.gap == "future" and chance.hit() else found

    return Parts(log=CreditingLog)


MUTANT = Mutant(
    id="future-welcome",
    title="A device that claims to have seen the future is told that it has everything",
    rows=(9,),
    trips=Trips(rules=("cursor-honesty",)),
    settings=Dose(rate=1.0),
    build=_build,
)
