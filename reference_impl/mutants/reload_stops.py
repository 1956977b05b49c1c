"""A page that is loaded while an answer is being written stops it.

Hide means abort (row 57), by the page that comes instead of the one that goes: it opens the session without a cursor,
and a session is cleaned up for whoever opens it. A resume from a cursor is right.
"""

from __future__ import annotations

from contextlib import suppress
from weakref import WeakKeyDictionary

from ..errors import Refused, Unavailable
from ..live import LiveSession
from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TellingLog(Log):
        """Tells its session that somebody opens it anew."""

        def resume(self, cursor: str | None) -> Resumption:
            if cursor is None and self.head and self in sessions and chance.hit():
                sessions[self].clean_up()
            return super().resume(cursor)

    class TidySession(LiveSession):
        """Stops what is going on for whoever opens it anew."""

        async def open(self) -> None:
            sessions[self.log] = self
            await super().open()

        def clean_up(self) -> None:
            for run in tuple(self._state.active):
                self._in_background(self._cancel(run))

        async def _cancel(self, run: str) -> None:
            with suppress(Refused, Unavailable):
                await self.stop(run, None, "page")

    sessions: WeakKeyDictionary[Log, TidySession] = WeakKeyDictionary()
    return Parts(log=TellingLog, session=TidySession)


MUTANT = Mutant(
    id="reload-stops",
    title="Reloading the page stops the answer",
    rows=(57,),
    trips=Trips(rules=("tab-close", "independence")),
    settings=Dose(rate=1.0),
    build=_build,
)
