"""Whatever a cursor lacks, the answer is success and nothing: there is no other answer.

Silent expiry and bogus cursors welcomed (rows 8 and 9): the resume asks for "everything after this", and where there is
no such place that is nothing. The device waits for what will never come.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class WordlessLog(Log):
        """Has no name for a gap."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap is None or not chance.hit():
                return found
            return Resumption(self.head)

    return Parts(log=WordlessLog)


MUTANT = Mutant(
    id="gap-empty",
    title="A resume that cannot be served is answered with success and nothing",
    rows=(8, 9),
    trips=Trips(rules=("cursor-honesty", "retention")),
    settings=Dose(rate=1.0),
    build=_build,
)
