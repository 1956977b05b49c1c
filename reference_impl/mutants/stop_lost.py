"""A stop is acknowledged and then forgotten: the agent goes on, and so does the answer.

The control path that dies quietly (row 78), and the stop that the server never carries out (row 67). It hits stops of
runs that are queued or going on, and those that come before their prompt; a second stop has a new chance.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class DeafSession(LiveSession):
        """Says yes to a stop and does nothing."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[decide.Decision, bool]:
            with suppress(decide.UnknownRun):
                decision = decide.stop(self._state, run, key, by)
                if decision.events and chance.hit():
                    return replace(decision, events=()), False
            return await super().stop(run, key, by)

    return Parts(session=DeafSession)


MUTANT = Mutant(
    id="stop-lost",
    title="One stop in two hundred is acknowledged and ignored",
    rows=(67, 78),
    trips=Trips(rules=("stop", "stop-reach", "stop-vs-disconnect"), counts=("after_stop", "wrong_end")),
    settings=Dose(rate=0.005),
    build=_build,
)
