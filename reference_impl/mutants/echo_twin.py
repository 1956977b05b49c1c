"""A prompt appears twice on every device that is there, under two ids.

Optimistic twin (row 50): the message that the sender drew and the one that the server stored are both told to everyone,
and nothing says that they are one.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TwinSubscription(RewritingSubscription):
        """Tells a new prompt once more, as if it were another one."""

        def rewritten(self, frame: Frame) -> bytes:
            if self.live and frame.message.get("kind") == "user" and chance.hit():
                return frame.raw + self.event(frame, id=f"{frame.message['data']['id']}_twin")
            return frame.raw

    return Parts(subscription=TwinSubscription)


MUTANT = Mutant(
    id="echo-twin",
    title="A prompt stands twice in the conversation",
    rows=(50,),
    trips=Trips(rules=("echo",), may=("resubmission",)),
    settings=Dose(rate=1.0),
    build=_build,
)
