"""An event of one session is also written to the devices of another.

Whoever may read one session reads a piece of somebody else's (row 64); the deltas of two runs merge on one wire (row
63). The stray goes out as it is, with its own run and cursor, together with the next thing those devices are sent.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakSet

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Entry, Log
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class LeakySubscription(Subscription):
        """Sends what it finds in its outbox, whoever put it there."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self.strays: list[Entry] = []
            readers.setdefault(log, WeakSet()).add(self)

        def take(self, limit_bytes: int) -> bytes:
            strays, self.strays = self.strays, []
            sent = (stray.sse if self._form == "sse" else stray.ws for stray in strays)
            return super().take(limit_bytes) + b"".join(sent)

    class LeakyLog(Log):
        """Puts an event into the outboxes of another session now and then. What nobody follows has nowhere to leak
        from: neither has a log that is being read back from storage."""

        def append(self, new: Entry) -> None:
            super().append(new)
            if readers.get(self) and chance.hit():
                self._leak(new)

        def _leak(self, new: Entry) -> None:
            others = [found for log, found in readers.items() if log is not self and found]
            for reader in chance.pick(others) if others else ():
                reader.strays.append(new)

    readers: WeakKeyDictionary[Log, WeakSet[LeakySubscription]] = WeakKeyDictionary()
    return Parts(log=LeakyLog, subscription=LeakySubscription)


MUTANT = Mutant(
    id="cross-talk",
    title="One event in five hundred also shows in somebody else's session",
    rows=(63, 64),
    trips=Trips(
        rules=("resubmission",),  # the rule that counts runs nobody can explain
        counts=("foreign",),
        may=("echo", "convergence"),
    ),
    settings=Dose(rate=0.002),
    build=_build,
)
