"""A stop that comes before the first word is acknowledged and forgotten.

Early stop lost (row 74): what a stop would cancel does not exist yet, and nobody remembers that it was asked for.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.run import State
from ..session.state import Run
from .control import DeafSession
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class HastySession(DeafSession):
        """Hears a stop only when there is something to read."""

        def ignores(self, run: Run, *, by_key: bool) -> bool:
            return run.state is State.RUNNING and not run.text and chance.hit()

    return Parts(session=HastySession)


MUTANT = Mutant(
    id="stop-before-words",
    title="A stop before the first word does nothing",
    rows=(74,),
    trips=Trips(rules=("stop", "stop-reach")),
    settings=Dose(rate=1.0),
    build=_build,
)
