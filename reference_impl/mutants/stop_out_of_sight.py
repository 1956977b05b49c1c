"""A stop ends the answer for everybody who watches, and the agent writes on into the stored one.

Work continues behind stop (row 77), and is billed: the stream was closed, the work was not.
"""

from __future__ import annotations

from ..agents.script import parse_script
from ..agents.scripted import words
from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.run import State
from ..session.state import Run
from .control import aimed_at
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class BusySession(LiveSession):
        """Lets the agent of a stopped run finish its work."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant = aimed_at(self, run, key)
            works_on = meant is not None and meant.state is State.RUNNING and bool(meant.text) and chance.hit()
            told = await super().stop(run, key, by)
            if meant is not None and works_on:
                self._in_background(self._work_on(meant))
            return told

        async def _work_on(self, run: Run) -> None:
            async for word in words(parse_script(run.prompt), len(run.text)):
                if self._over:
                    return
                run.text.append(word)

    return Parts(session=BusySession)


MUTANT = Mutant(
    id="stop-out-of-sight",
    title="It looks stopped, and is written on where nobody looks",
    rows=(67, 77),
    trips=Trips(rules=("stop",)),
    settings=Dose(rate=1.0),
    build=_build,
)
