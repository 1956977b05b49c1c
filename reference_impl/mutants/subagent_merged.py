"""What several sub-agents say at the same time comes under one name.

Run id collision (row 63): the id of a stream is that of the kind of agent, not of the agent, so the words of all of
them are folded into one text.
"""

from __future__ import annotations

from ..parts import Parts
from .kind import Dose, Mutant, Trips
from .pieces import Frame
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class MergingSubscription(RewritingSubscription):
        """Knows one sub-agent."""

        def rewritten(self, frame: Frame) -> bytes:
            below = frame.is_text and "agent" in frame.message["data"]
            return self.event(frame, agent="a1") if below and chance.hit() else frame.raw

    return Parts(subscription=MergingSubscription)


MUTANT = Mutant(
    id="subagent-merged",
    title="What the sub-agents say is mixed into one text",
    rows=(63,),
    trips=Trips(rules=("subagents",)),
    settings=Dose(rate=1.0),
    build=_build,
)
