"""A device that came to watch and leaves again takes the answer with it.

Viewer exit kills owner (row 72): a run is cancelled when a connection on it closes, whoever's it is.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import Refused, Unavailable
from ..live import Listener, LiveSession
from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class KnownSubscription(Subscription):
        """Remembers that it was opened without a cursor when something had been said."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self.late = after == log.trimmed and log.head > after

    class ViewerStream(Stream):
        """Remembers whether it is that of a viewer who came late."""

        late = False

        def follow(self, subscription: Source) -> None:
            self.late = isinstance(subscription, KnownSubscription) and subscription.late
            super().follow(subscription)

    class FragileSession(LiveSession):
        """Stops what is going on when such a viewer leaves."""

        def detach(self, listener: Listener) -> None:
            super().detach(listener)
            viewer = isinstance(listener, ViewerStream) and listener.late
            if viewer and self._state.active and not self._over and chance.hit():
                for run in tuple(self._state.active):
                    self._in_background(self._cancel(run))

        async def _cancel(self, run: str) -> None:
            with suppress(Refused, Unavailable):
                await self.stop(run, None, "viewer")

    return Parts(session=FragileSession, stream=ViewerStream, subscription=KnownSubscription)


MUTANT = Mutant(
    id="latecomer-cancels",
    title="Somebody looks in and leaves, and the answer stops for everyone",
    rows=(72,),
    trips=Trips(rules=("independence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
