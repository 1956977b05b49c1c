"""What an agent asks for is told to those who are there; a page that is loaded later does not ask it.

Approval lost (row 58): the question is an event that passes by, and no history has it.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgetfulSubscription(RewritingSubscription):
        """Replays no questions."""

        def rewritten(self, frame: Frame) -> bytes:
            asks = frame.message.get("kind") == "approval-request"
            return b"" if asks and not self.live and chance.hit() else frame.raw

    return Parts(subscription=ForgetfulSubscription)


MUTANT = Mutant(
    id="approval-lost",
    title="After a reload nobody is asked what the agent waits for",
    rows=(58,),
    trips=Trips(rules=("approval",)),
    settings=Dose(rate=1.0),
    build=_build,
)
