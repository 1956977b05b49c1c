"""A cursor opens the session that it was given out in, whichever one is asked for.

A cursor crosses tenants (row 64): cursors are looked up for the whole server, and the log that one belongs to is
served. The token was checked for the session in the address.
"""

from __future__ import annotations

from weakref import WeakValueDictionary

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log, Resumption
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class SharedLog(Log):
        """Knows all the logs of the server."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self.instead: Log | None = None  # whose events the next subscription gets
            logs[epoch] = self

        def resume(self, cursor: str | None) -> Resumption:
            self.instead = None
            owner = logs.get((cursor or "").partition(":")[0])
            if owner is None or owner is self or not chance.hit():
                return super().resume(cursor)
            self.instead = owner
            return Log.resume(owner, cursor)

    class SharedSubscription(Subscription):
        """Follows the log that its cursor was found in."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            found = log.instead if isinstance(log, SharedLog) else None
            super().__init__(found or log, form, after)

    logs: WeakValueDictionary[str, SharedLog] = WeakValueDictionary()
    return Parts(log=SharedLog, subscription=SharedSubscription)


MUTANT = Mutant(
    id="cursor-crosses",
    title="With somebody else's cursor one reads somebody else's session",
    rows=(64,),
    trips=Trips(rules=("isolation", "cursor-honesty")),
    settings=Dose(rate=1.0),
    build=_build,
)
