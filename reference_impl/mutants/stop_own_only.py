"""Only the connection that asked for an answer may stop it; to every other one the run is unknown.

Stop unreachable later (row 70): what can cancel the run is kept beside the request that began it. Requests that are
sent alone, such as those of a device on an event stream, come on connections of their own.
"""

from __future__ import annotations

import asyncio

from ..errors import Refused
from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision, Policy
from .control import aimed_at
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class JealousSession(LiveSession):
        """Remembers who asked."""

        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[arg-type]  # whatever a session is made of
            self._askers: dict[str, asyncio.Task[object] | None] = {}

        async def prompt(self, key: str, text: str, policy: Policy | None = None) -> Decision:
            decision = await super().prompt(key, text, policy)
            self._askers.setdefault(decision.run or "", asyncio.current_task())
            return decision

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant = aimed_at(self, run, key)
            asker = self._askers.get(meant.id) if meant is not None else None
            if asker not in (None, asyncio.current_task()) and chance.hit():
                raise Refused("unknown-run", "no such run on this connection", 404)
            return await super().stop(run, key, by)

    return Parts(session=JealousSession)


MUTANT = Mutant(
    id="stop-own-only",
    title="An answer can be stopped only on the connection that asked for it",
    rows=(70,),
    trips=Trips(rules=("stop-reach",)),
    settings=Dose(rate=1.0),
    build=_build,
)
