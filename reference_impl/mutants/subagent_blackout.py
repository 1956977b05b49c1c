"""What sub-agents say is sent to those who are there, and left out of what is replayed.

Sub-agent blackout (row 62): the orchestrator's words are in the history, those of its sub-agents are live only.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class PartialSubscription(RewritingSubscription):
        """Replays what the agent itself said."""

        def rewritten(self, frame: Frame) -> bytes:
            below = frame.is_text and "agent" in frame.message["data"]
            return b"" if below and not self.live and chance.hit() else frame.raw

    return Parts(subscription=PartialSubscription)


MUTANT = Mutant(
    id="subagent-blackout",
    title="After a drop, or on a second device, what the sub-agents said is gone",
    rows=(62,),
    trips=Trips(rules=("subagents",)),
    settings=Dose(rate=1.0),
    build=_build,
)
