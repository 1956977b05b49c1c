"""A prompt that is sent again with the same key is answered again.

Double send (row 33): the key that a device makes up for its prompt is stored and never looked at.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgetfulSession(LiveSession):
        """Takes every prompt for a new one."""

        async def prompt(self, key: str, text: str, policy: decide.Policy | None = None) -> decide.Decision:
            again = sum(run.prompt == text for run in self._state.runs.values())
            named = f"{key}~{again}" if key in self._state.keys and chance.hit() else key
            return await super().prompt(named, text, policy)

    return Parts(session=ForgetfulSession)


MUTANT = Mutant(
    id="key-ignored",
    title="A prompt that is sent again is answered again",
    rows=(33,),
    trips=Trips(rules=("resubmission",)),
    settings=Dose(rate=1.0),
    build=_build,
)
