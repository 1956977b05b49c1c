"""A prompt that is sent again is answered once, and stands in the session twice.

Double send (row 33), half of it mended: the second run is recognized and ended at once, but the user's message was
stored before that.
"""

from __future__ import annotations

from ..live import LiveSession, _new_id
from ..parts import Parts
from ..session import decide
from ..session.event import Event
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RepeatingSession(LiveSession):
        """Writes the message down, then notices."""

        async def prompt(self, key: str, text: str, policy: decide.Policy | None = None) -> decide.Decision:
            if key in self._state.keys and chance.hit():
                await self._command(lambda: decide.Decision(self._bubble(text), None))
            return await super().prompt(key, text, policy)

        def _bubble(self, text: str) -> tuple[Event, ...]:
            run = f"r_{_new_id()}"
            message = Event("user", run, {"id": f"u_{run}", "text": text, "key": f"again-{run}"})
            return message, Event("run-end", run, {"reason": "superseded"})

    return Parts(session=RepeatingSession)


MUTANT = Mutant(
    id="bubble-twice",
    title="A prompt that is sent again shows twice",
    rows=(33,),
    trips=Trips(rules=("resubmission",), may=("echo",)),
    settings=Dose(rate=1.0),
    build=_build,
)
