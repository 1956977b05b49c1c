"""A prompt is not told to the devices that are there; only who opens the session later reads it.

Own-sends-only view (row 49): answers are streamed, prompts are drawn by whoever sends them.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SecretiveSubscription(RewritingSubscription):
        """Keeps new prompts to itself."""

        def rewritten(self, frame: Frame) -> bytes:
            hides = self.live and frame.message.get("kind") == "user" and chance.hit()
            return b"" if hides else frame.raw

    return Parts(subscription=SecretiveSubscription)


MUTANT = Mutant(
    id="echo-missing",
    title="The other screen shows an answer to a question that it never shows",
    rows=(49,),
    trips=Trips(rules=("echo",)),
    settings=Dose(rate=1.0),
    build=_build,
)
