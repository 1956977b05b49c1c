"""An answer that ends while a device is away is nowhere: there is nothing to resume, and history does not have it yet.

Completion-window blackout (row 17): what can be resumed is thrown away when the run ends, and the transcript is written
later.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Data
from ..session.log import Entry, Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class EmptiedLog(Log):
        """Has nothing to replay once a run is over. dark: somebody has come back to that."""

        dark = False
        _over = False

        def append(self, new: Entry) -> None:
            super().append(new)
            self._over = new.ended_at is not None

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap is not None or found.after == self.head or not self._over:
                return found
            if not chance.hit():
                return found
            self.dark = True
            return Resumption(self.head)

    class LateSession(LiveSession):
        """Its transcript lacks the last answer after a blackout."""

        def transcript(self) -> Data:
            told = super().transcript()
            if not (isinstance(self.log, EmptiedLog) and self.log.dark):
                return told
            last = next((run for run in reversed(self._state.runs.values()) if run.state.ended), None)
            kept = [each for each in told["messages"] if last is None or each["id"] != f"a_{last.id}"]
            return told | {"messages": kept}

    return Parts(log=EmptiedLog, session=LateSession)


MUTANT = Mutant(
    id="away-blackout",
    title="An answer that ends while the device is away is nowhere",
    rows=(17,),
    trips=Trips(rules=("completion-window",), may=("subagents", "stop-visibility", "resurrection")),
    settings=Dose(rate=1.0),
    build=_build,
)
