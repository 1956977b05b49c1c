"""A stop in the last words reads as stopped where it was pressed, and as completed everywhere else.

Silent stop (row 71): who presses is told by the answer to the stop, the others by the generator, which was done.
"""

from __future__ import annotations

import asyncio

from ..agents.script import parse_script
from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from .control import RewrittenStream, aimed_at
from .kind import Dose, Mutant, Trips
from .pieces import Frame, event_frame

LAST = 4


def _build(dose: Dose) -> Parts:
    chance = dose.chance()
    pressed: dict[str, asyncio.Task[object] | None] = {}

    class HurriedSession(LiveSession):
        """Remembers who stopped a run that was nearly done."""

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant = aimed_at(self, run, key)
            if meant is not None and parse_script(meant.prompt).items - len(meant.text) <= LAST and chance.hit():
                pressed[meant.id] = asyncio.current_task()
            return await super().stop(run, key, by)

    class TwoFacedStream(RewrittenStream):
        """Tells others that it was completed."""

        def rewrite(self, form: str, frame: Frame) -> Frame | None:
            other = frame.kind == "run-end" and pressed.get(frame.run or "", self.task) is not self.task
            if not other:
                return frame
            return event_frame("ws" if form == "ws" else "sse", frame.message | {"data": {"reason": "completed"}})

    return Parts(session=HurriedSession, stream=TwoFacedStream)


MUTANT = Mutant(
    id="finish-apart",
    title="Stopped at the last word, it is stopped here and finished there",
    rows=(71,),
    trips=Trips(rules=("finish-race",), may=("convergence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
