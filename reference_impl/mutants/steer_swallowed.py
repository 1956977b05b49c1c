"""A steer is acknowledged, and that is all that ever happens.

Steer swallowed (row 81): it is put into a queue that nobody reads.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.control import Steering
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class PoliteSession(LiveSession):
        """Says thank you."""

        async def steer(self, run: str, key: str, text: str, by: str) -> Steering:
            if chance.hit():
                return Steering((), f"s_{key}")
            return await super().steer(run, key, text, by)

    return Parts(session=PoliteSession)


MUTANT = Mutant(
    id="steer-swallowed",
    title="A wish into a running answer is neither followed nor refused",
    rows=(81,),
    trips=Trips(rules=("steer",)),
    settings=Dose(rate=1.0),
    build=_build,
)
