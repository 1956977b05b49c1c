"""Who comes back is let in only when its old connection is gone, which nobody has told the server.

Ghost owner (row 54): a device that resumes has a place already, and that one looks alive: after a change of network no
FIN ever comes. The new connection is answered and then starves until the old one has timed out.
"""

from __future__ import annotations

from ..live import Listener, LiveSession
from ..parts import Parts
from ..session.log import Log
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class Places:
        """Of one session. left: connections that have gone; waiting: devices that came back before theirs had."""

        def __init__(self) -> None:
            self.left = 0
            self.waiting: list[tuple[WaitingStream, Source]] = []

        def leave(self) -> None:
            """A place is free."""
            if self.waiting:
                stream, subscription = self.waiting.pop(0)
                stream.admit(subscription)
            else:
                self.left += 1

    class PlacedLog(Log):
        """Knows the places of its session."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self.places = Places()

    class PlacedSubscription(Subscription):
        """Knows them, too."""

        @property
        def places(self) -> Places:
            """Those of its session."""
            assert isinstance(self._log, PlacedLog)
            return self._log.places

    class WaitingStream(Stream):
        """Writes nothing before there is a place for its device."""

        def follow(self, subscription: Source) -> None:
            if isinstance(subscription, PlacedSubscription) and subscription.position and chance.hit():
                places = subscription.places
                if not places.left:
                    places.waiting.append((self, subscription))
                    return
                places.left -= 1
            super().follow(subscription)

        def admit(self, subscription: Source) -> None:
            """The old connection has gone."""
            super().follow(subscription)

    class PlacedSession(LiveSession):
        """Counts who leaves."""

        def detach(self, listener: Listener) -> None:
            super().detach(listener)
            assert isinstance(self.log, PlacedLog)
            self.log.places.leave()

    return Parts(log=PlacedLog, session=PlacedSession, stream=WaitingStream, subscription=PlacedSubscription)


MUTANT = Mutant(
    id="ghost-owner",
    title="After a change of network nothing comes until the old connection has timed out",
    rows=(54,),
    trips=Trips(rules=("hang", "loss")),
    settings=Dose(rate=1.0),
    build=_build,
)
