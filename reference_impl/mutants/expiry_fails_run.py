"""When the token of a stream expires, the run that it followed is ended, for everybody.

A stale credential (row 44): the agent works in the name of whoever asked, and is called off with the token. On every
device the answer fails, although another token was a second away.
"""

from __future__ import annotations

import asyncio

from ..errors import Unavailable
from ..live import Listener, LiveSession
from ..parts import Parts
from ..session import decide
from ..session.decide import Decision
from ..transports.stream import Ending, Stream
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class BoundSession(LiveSession):
        """Ends what goes on when a device leaves because of its token."""

        def detach(self, listener: Listener) -> None:
            super().detach(listener)
            expired = isinstance(listener, Stream) and listener.ending is Ending.EXPIRED
            if expired and self._state.active and chance.hit():
                self._in_background(self._fail())

        async def _fail(self) -> None:
            try:
                await self._command(lambda: Decision(decide.abandon(self._state, "the token has expired"), None))
            except (Unavailable, asyncio.CancelledError):
                return

    return Parts(session=BoundSession)


MUTANT = Mutant(
    id="expiry-fails-run",
    title="A long answer fails when the token it was asked with expires",
    rows=(44,),
    trips=Trips(rules=("credential-expiry",)),
    settings=Dose(rate=1.0),
    build=_build,
)
