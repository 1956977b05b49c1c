"""Only the newest twenty events can be had again: the early part of a longer answer is gone, for whoever comes late.

Window counted too small (row 30): a ring sized for short answers. It is honest about it, and names the gap; the words
are gone all the same, as nothing else holds them while the answer goes on.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RingLog(Log):
        """Offers `beyond` events at most."""

        def _from(self, offset: int) -> Resumption:
            oldest = self.head - dose.beyond
            if self.trimmed <= offset < oldest and chance.hit():
                return Resumption(oldest, "expired")
            return super()._from(offset)

    return Parts(log=RingLog)


MUTANT = Mutant(
    id="ring-small",
    title="The early part of a long answer cannot be had again",
    rows=(30,),
    trips=Trips(rules=("loss", "completion-window", "join")),
    settings=Dose(rate=1.0, beyond=20),
    build=_build,
)
