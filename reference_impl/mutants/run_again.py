"""A device that comes back makes the agent begin its answer again, from the first word.

Re-run instead of resume (row 32): what is cut off is asked for once more. Everybody reads the answer twice in one, and
it is paid for twice.
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from ..session.run import State
from ..session.state import Run
from ..turns import Turns
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgetfulTurns(Turns):
        """Lets an agent begin again, as if it had not said anything."""

        async def begin_again(self, run: Run) -> None:
            """Call off the agent that has the run, and let another take its place."""
            turn = self._turns.get(run.id)
            if turn is None or turn.task is None or turn.ending:
                return
            turn.call_off()
            await asyncio.wait((turn.task,))
            if run.state is State.RUNNING:
                self._begin(run)
                self._turns[run.id].said = ""

    class AskingSession(LiveSession):
        """Asks the agent anew whenever somebody resumes."""

        async def reach(self, cursor: str | None) -> None:
            await super().reach(cursor)
            for run in [run for run in self._state.active.values() if run.text]:
                if cursor is not None and isinstance(self._turns, ForgetfulTurns) and chance.hit():
                    await self._turns.begin_again(run)

        async def open(self) -> None:
            self._turns = ForgetfulTurns(
                self.name, self._state, self._agent, self._holder, self._settings, self._journal, self._command
            )
            await super().open()

    return Parts(session=AskingSession)


MUTANT = Mutant(
    id="run-again",
    title="A resume makes the agent say its answer again from the start",
    rows=(32,),
    trips=Trips(
        rules=("duplication",), may=("concurrency", "join", "handoff", "subagents", "stop-visibility", "live-view")
    ),
    settings=Dose(rate=1.0),
    build=_build,
)
