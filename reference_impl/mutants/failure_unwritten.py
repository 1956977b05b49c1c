"""The transcript tells an answer that failed as a completed one.

The error is lost from history (row 12): devices are told of it, and what is stored is only what was said. Whoever opens
the chat the next day reads half an answer as a whole one.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Data
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgettingSession(LiveSession):
        """Writes down what was said, and not how it ended."""

        def transcript(self) -> Data:
            told = super().transcript()
            return told | {"messages": [_mended(each) if chance.hit() else each for each in told["messages"]]}

    return Parts(session=ForgettingSession)


def _mended(message: Data) -> Data:
    return message | {"ending": "completed"} if message.get("ending") == "failed" else message


MUTANT = Mutant(
    id="failure-unwritten",
    title="The next day a failed answer reads as a whole one",
    rows=(12,),
    trips=Trips(rules=("failure-truth",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
