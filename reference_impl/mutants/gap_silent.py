"""A resume after a long absence starts at the tail and says that nothing is missing.

Silent expiry (row 8): the replay window is smaller than the absence, and a cursor that lies before it is taken for the
newest one there is. The device is told that it recovered, so it never asks for what it lacks.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgetfulLog(Log):
        """Replays `beyond` events at most."""

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            missed = self.head - found.after
            if cursor is None or found.gap is not None or missed <= dose.beyond or not chance.hit():
                return found
            return Resumption(self.head)

    return Parts(log=ForgetfulLog)


MUTANT = Mutant(
    id="gap-silent",
    title="Who misses more than twenty events loses them and is not told",
    rows=(8,),
    trips=Trips(rules=("loss", "termination", "completion-window"), counts=("lost",), may=("subagents",)),
    settings=Dose(rate=1.0, beyond=20),
    build=_build,
)
