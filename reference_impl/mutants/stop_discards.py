"""The transcript keeps nothing of an answer that was stopped.

Partial discarded (row 75): only finished answers are stored.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Data
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TidySession(LiveSession):
        """Shows finished answers only."""

        def transcript(self) -> Data:
            told = super().transcript()
            return told | {"messages": [self._tidied(message) for message in told["messages"]]}

        def _tidied(self, message: Data) -> Data:
            return message | {"text": ""} if message["ending"] == "stopped" and chance.hit() else message

    return Parts(session=TidySession)


MUTANT = Mutant(
    id="stop-discards",
    title="What was written before a stop is gone after a reload",
    rows=(75,),
    trips=Trips(rules=("stop-visibility",)),
    settings=Dose(rate=1.0),
    build=_build,
)
