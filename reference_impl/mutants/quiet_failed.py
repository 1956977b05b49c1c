"""A run whose agent says nothing for a second and a half is reported failed, though the agent is at work.

Silent-phase kill (row 36), the way a watchdog does it: no output is taken for no life.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from ..session.decide import Decision
from ..session.event import Event
from ..session.run import State
from .kind import Dose, Mutant, Trips

_PATIENCE_S = 1.5


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class WatchfulSession(LiveSession):
        """Gives a run up when nothing is said."""

        _watchdog: asyncio.TimerHandle | None = None

        def _applied(self, events: Sequence[Event]) -> None:
            super()._applied(events)
            for event in events:
                if event.kind in ("run-start", "text") and event.run is not None:
                    self._wait_for(event.run)

        def _wait_for(self, run: str) -> None:
            if self._watchdog is not None:
                self._watchdog.cancel()
            self._watchdog = asyncio.get_running_loop().call_later(_PATIENCE_S, self._bark, run)

        def _bark(self, run: str) -> None:
            if not self._over and not self._state.runs[run].state.ended and chance.hit():
                self._in_background(self._give_up_run(run))

        async def _give_up_run(self, run: str) -> None:
            failed = self._state.runs[run]
            await self._command(
                lambda: Decision(decide.finish(self._state, failed, State.FAILED, "the agent does not respond"), run)
            )

    return Parts(session=WatchfulSession)


MUTANT = Mutant(
    id="quiet-failed",
    title="An answer fails whenever the agent works for a while",
    rows=(36,),
    trips=Trips(rules=("silence",), counts=(), may=("subagents", "approval")),
    settings=Dose(rate=1.0),
    build=_build,
)
