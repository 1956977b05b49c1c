"""A steer, and what became of it, shows only on the device that sent it.

Steer swallowed (row 81), for everybody else: the answer changes its mind and nobody knows why.
"""

from __future__ import annotations

import asyncio

from ..live import LiveSession
from ..parts import Parts
from ..session.control import Steering
from .control import RewrittenStream
from .kind import Dose, Mutant, Trips
from .pieces import Frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()
    senders: dict[str, asyncio.Task[object] | None] = {}
    own: dict[str, str] = {}  # steer id → its key

    class WhisperingSession(LiveSession):
        """Remembers which connection a steer came on."""

        async def steer(self, run: str, key: str, text: str, by: str) -> Steering:
            if chance.hit():
                senders[key] = asyncio.current_task()
            return await super().steer(run, key, text, by)

    class WhisperingStream(RewrittenStream):
        """Leaves out the steers of others."""

        def rewrite(self, form: str, frame: Frame) -> Frame | None:
            if frame.kind == "steer":
                own[frame.message["data"]["id"]] = frame.message["data"]["key"]
            if frame.kind not in ("steer", "steer-outcome"):
                return frame
            key = own.get(frame.message["data"]["id"], "")
            return frame if senders.get(key, self.task) is self.task else None

    return Parts(session=WhisperingSession, stream=WhisperingStream)


MUTANT = Mutant(
    id="steer-private",
    title="Other devices never see what was wished of an answer",
    rows=(81,),
    trips=Trips(rules=("steer",)),
    settings=Dose(rate=1.0),
    build=_build,
)
