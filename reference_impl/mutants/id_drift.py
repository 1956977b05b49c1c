"""A prompt has one id while it is new, and another one once it is history.

Id drift (row 51): what is sent live is made before the message is stored, and storing gives it another id. Devices that
were there and devices that come later hold the same message as two.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class DriftingSubscription(RewritingSubscription):
        """Names prompts anew while they are live."""

        def rewritten(self, frame: Frame) -> bytes:
            if self.live and frame.message.get("kind") == "user" and chance.hit():
                return self.event(frame, id=f"live_{frame.message['data']['id']}")
            return frame.raw

    return Parts(subscription=DriftingSubscription)


MUTANT = Mutant(
    id="id-drift",
    title="The same message has one id on the device that saw it come and another on the one that came later",
    rows=(51,),
    trips=Trips(rules=("convergence",), may=("resubmission",)),
    settings=Dose(rate=1.0),
    build=_build,
)
