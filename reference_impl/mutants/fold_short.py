"""History is folded one piece short: the transcript of an answer lacks its last word.

The last piece is still on its way to the history when the run is marked as ended (rows 25 and 52): live devices have
all of it, and whoever loads the page later reads a little less.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Data
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ShortSession(LiveSession):
        """Leaves the last word of every answer out of its transcript."""

        def transcript(self) -> Data:
            told = super().transcript()
            if chance.hit():
                told["messages"] = [
                    _shortened(each) if each["role"] == "assistant" else each for each in told["messages"]
                ]
            return told

    return Parts(session=ShortSession)


def _shortened(message: Data) -> Data:
    kept = message["text"].rstrip().rpartition(" ")
    return message | {"text": kept[0] + kept[1]}


MUTANT = Mutant(
    id="fold-short",
    title="After a reload the last word of an answer is gone",
    rows=(25, 52),
    trips=Trips(rules=("convergence",), may=("stop-visibility", "completion-window")),
    settings=Dose(rate=1.0),
    build=_build,
)
