"""A stop of a prompt that waits behind another answer is acknowledged and forgotten: its run begins all the same.

Early stop lost (row 74), where a queue stands between the prompt and its run.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.run import State
from ..session.state import Run
from .control import DeafSession
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class QueueingSession(DeafSession):
        """Stops what runs, not what waits."""

        def ignores(self, run: Run, *, by_key: bool) -> bool:
            return run.state is State.QUEUED and chance.hit()

    return Parts(session=QueueingSession)


MUTANT = Mutant(
    id="stop-in-queue",
    title="What waits in the queue cannot be stopped",
    rows=(74,),
    trips=Trips(rules=("stop", "stop-reach")),
    settings=Dose(rate=1.0),
    build=_build,
)
