"""A device that opened its connection after the prompt is told that its stop is accepted, and nothing happens.

Stop unreachable later (row 70): stops go to the listeners that a run had when it began, and nobody else is on the list.
"""

from __future__ import annotations

import asyncio

from ..live import Listener, LiveSession
from ..parts import Parts
from ..session.decide import Decision, Policy
from .control import aimed_at
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ListingSession(LiveSession):
        """Knows who was there when a run began, by what serves their connections."""

        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[arg-type]  # whatever a session is made of
            self._here: set[asyncio.Task[object] | None] = set()
            self._listed: dict[str, frozenset[asyncio.Task[object] | None]] = {}

        def attach(self, listener: Listener) -> None:
            self._here.add(asyncio.current_task())
            super().attach(listener)

        async def prompt(self, key: str, text: str, policy: Policy | None = None) -> Decision:
            decision = await super().prompt(key, text, policy)
            if decision.run is not None:
                self._listed.setdefault(decision.run, frozenset(self._here))
            return decision

        async def stop(self, run: str | None, key: str | None, by: str) -> tuple[Decision, bool]:
            meant, caller = aimed_at(self, run, key), asyncio.current_task()
            late = meant is not None and caller in self._here and caller not in self._listed.get(meant.id, ())
            if meant is not None and late and chance.hit():
                return Decision((), meant.id), False
            return await super().stop(run, key, by)

    return Parts(session=ListingSession)


MUTANT = Mutant(
    id="stop-after-reload",
    title="After a reload the stop button does nothing",
    rows=(70,),
    trips=Trips(rules=("stop-reach",)),
    settings=Dose(rate=1.0),
    build=_build,
)
