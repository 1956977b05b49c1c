"""When the device that opened the session first loses its connection, what is being answered is stopped.

Disconnect read as stop (row 66): the end of a connection is taken for the user's wish. Later devices may come and go.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import Refused
from ..live import Listener, LiveSession
from ..parts import Parts
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TiedSession(LiveSession):
        """Stops everything when its first listener leaves."""

        _owner: Listener | None = None

        def attach(self, listener: Listener) -> None:
            self._owner = self._owner or listener
            super().attach(listener)

        def detach(self, listener: Listener) -> None:
            super().detach(listener)
            if listener is self._owner:
                self._owner = None
                if not self._over and chance.hit():
                    self._in_background(self._stop_all())

        async def _stop_all(self) -> None:
            for run in tuple(self._state.active):
                with suppress(Refused):
                    await self.stop(run, None, "disconnect")

    return Parts(session=TiedSession)


MUTANT = Mutant(
    id="drop-cancels",
    title="A lost connection stops the answer",
    rows=(66, 68),
    trips=Trips(
        rules=("survival", "stop-vs-disconnect"),
        may=("handoff", "tab-close", "live-view", "join", "subagents", "approval"),
    ),
    settings=Dose(rate=1.0),
    build=_build,
)
