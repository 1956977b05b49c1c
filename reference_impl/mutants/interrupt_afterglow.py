"""An answer that was superseded is still sent for a while.

Barge-in afterglow (row 88): what the old agent had buffered goes out behind its ending.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.decide import Decision, Policy
from ..session.run import State
from .control import TalkingSession
from .kind import Dose, Mutant, Trips

WORDS = 10


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class GlowingSession(TalkingSession):
        """Lets the old agent finish its sentence."""

        async def prompt(self, key: str, text: str, policy: Policy | None = None) -> Decision:
            going = tuple(self._state.active.values())
            decision = await super().prompt(key, text, policy)
            for run in going:
                if run.state is State.SUPERSEDED and run.text and chance.hit():
                    self.talk_on(run, WORDS)
            return decision

    return Parts(session=GlowingSession)


MUTANT = Mutant(
    id="interrupt-afterglow",
    title="An interrupted answer goes on for a few words",
    rows=(88,),
    trips=Trips(rules=("interrupt",), may=("termination",)),
    settings=Dose(rate=1.0),
    build=_build,
    policy="interrupt",
)
