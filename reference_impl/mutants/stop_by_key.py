"""A stop that names the key of its prompt, because the device does not know the run's id yet, finds nothing.

Early stop lost (row 74), on the device that is faster than the answer to its prompt.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.state import Run
from .control import DeafSession
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class IdsOnlySession(DeafSession):
        """Knows runs by their ids."""

        def ignores(self, run: Run, *, by_key: bool) -> bool:
            return by_key and chance.hit()

    return Parts(session=IdsOnlySession)


MUTANT = Mutant(
    id="stop-by-key",
    title="A stop is lost while the run has no id",
    rows=(74,),
    trips=Trips(rules=("stop", "stop-reach")),
    settings=Dose(rate=1.0),
    build=_build,
)
