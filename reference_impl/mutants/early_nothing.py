"""Who comes back before the first word is let in, and never sent anything.

"Nothing to resume" too early (row 16): a run counts as one that can be followed once it has said something. A device
that was cut between its prompt and the first word, and is quick to come back, hears nothing until it comes again.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .kind import Dose, Mutant, Trips
from .pieces import event_at


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class KnownSubscription(Subscription):
        """Can be asked whether there is an answer to follow."""

        @property
        def early(self) -> bool:
            """It goes on from a cursor, and no word has come since the prompt."""
            return self.position > 0 and self._unsaid(self._log)

        def _unsaid(self, log: Log) -> bool:
            last = event_at(log, self._form, log.head)
            return last is not None and last.kind in ("user", "run-start")

    class PresumingStream(Stream):
        """Says where history ends and leaves it at that, where there is no word yet."""

        def follow(self, subscription: Source) -> None:
            if isinstance(subscription, KnownSubscription) and subscription.early and chance.hit():
                self.write(subscription.take(1 << 16))
                return
            super().follow(subscription)

    return Parts(stream=PresumingStream, subscription=KnownSubscription)


MUTANT = Mutant(
    id="early-nothing",
    title="Who comes back before the first word is sent nothing",
    rows=(16, 24),
    trips=Trips(rules=("early-resume", "loss"), may=("subagents", "approval")),
    settings=Dose(rate=1.0),
    build=_build,
)
