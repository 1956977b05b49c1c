"""A cursor that is no cursor is taken for the newest one there is.

A bogus cursor welcomed (row 9): what cannot be read counts as "up to date". The device is told that it recovered, gets
what comes from now on, and never asks for what it lacks.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class CreditingLog(Log):
        """Gives what it cannot read the benefit of the doubt."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            return Resumption(self.head) if found.gap == "malformed" and chance.hit() else found

    return Parts(log=CreditingLog)


MUTANT = Mutant(
    id="garbage-welcome",
    title="A device whose cursor is damaged is told that it has everything",
    rows=(9,),
    trips=Trips(rules=("cursor-honesty",)),
    settings=Dose(rate=1.0),
    build=_build,
)
