"""A cursor that is older than what is kept gets what is left, and no word that something is missing.

Silent expiry (row 8): retention did its work, and the resume begins where the log now begins. Only a device that counts
for itself could know.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SilentLog(Log):
        """Does not mention what it let go of."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap != "expired" or not chance.hit():
                return found
            return Resumption(self.trimmed)

    return Parts(log=SilentLog)


MUTANT = Mutant(
    id="expired-tail",
    title="Who comes back too late gets the rest of the answer as if it were all",
    rows=(8,),
    trips=Trips(rules=("retention",)),
    settings=Dose(rate=1.0),
    build=_build,
)
