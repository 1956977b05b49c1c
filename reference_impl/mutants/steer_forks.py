"""A steer is passed on to the agent, and is also taken for a new prompt.

Steer forks (row 82): two answers to one wish.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import Refused
from ..live import LiveSession
from ..parts import Parts
from ..session.control import Steering
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForkingSession(LiveSession):
        """Answers whatever is said."""

        async def steer(self, run: str, key: str, text: str, by: str) -> Steering:
            steering = await super().steer(run, key, text, by)
            if steering.events and chance.hit():
                with suppress(Refused):
                    await self.prompt(f"steer-{key}", text)
            return steering

    return Parts(session=ForkingSession)


MUTANT = Mutant(
    id="steer-forks",
    title="A wish into a running answer is answered a second time",
    rows=(82,),
    trips=Trips(rules=("steer",)),
    settings=Dose(rate=1.0),
    build=_build,
)
