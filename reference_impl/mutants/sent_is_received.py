"""What was written to a connection counts as received, whatever the device says that it has.

A cursor that is committed before its data: the server remembers itself how far a device is, when it hands the bytes to
the network, and goes on from there. What was on its way when the connection broke is nobody's. Row 22's sister: the
cursor is not the device's own.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ..parts import Parts
from ..session.log import Log
from ..session.subscription import Subscription
from ..transports.stream import Ending, Source, Stream
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RememberedSubscription(Subscription):
        """Can be asked what it reads."""

        @property
        def log(self) -> Log:
            """Its session's."""
            return self._log

    class CommittingStream(Stream):
        """Goes on where the last connection that ended had written to."""

        def follow(self, subscription: Source) -> None:
            if isinstance(subscription, RememberedSubscription) and subscription.position > 0:
                sent = written.pop(subscription.log, 0)
                if sent > subscription.position and chance.hit():
                    subscription.position = sent
            super().follow(subscription)

        def end(self, why: Ending) -> None:
            if self._ending is None and isinstance(self._subscription, RememberedSubscription):
                written[self._subscription.log] = self._subscription.position
            super().end(why)

    written: WeakKeyDictionary[Log, int] = WeakKeyDictionary()
    return Parts(stream=CommittingStream, subscription=RememberedSubscription)


MUTANT = Mutant(
    id="sent-is-received",
    title="Words that were on their way when the connection broke are lost",
    rows=(23,),
    trips=Trips(rules=("loss",), may=("subagents",)),
    settings=Dose(rate=1.0),
    build=_build,
)
