"""Nothing of an answer is passed on before it is over.

Proxy buffering (row 35), by size: a buffer on the way is larger than any answer, so the first word comes with the last
one. What came before the answer, and its ending, go through at once.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.subscription import Subscription
from ..transports.stream import Source, Stream
from .kind import Dose, Mutant, Trips
from .pieces import event_at


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class AskedSubscription(Subscription):
        """Can be asked whether an answer is being written."""

        @property
        def in_an_answer(self) -> bool:
            """The newest event is a word."""
            last = event_at(self._log, self._form, self._log.head)
            return last is not None and last.is_text

    class HoldingStream(Stream):
        """Sleeps while an answer is being written."""

        _holds = False

        def follow(self, subscription: Source) -> None:
            self._holds = chance.hit()
            super().follow(subscription)

        def wake(self) -> None:
            source = self._subscription
            if not (self._holds and isinstance(source, AskedSubscription) and source.in_an_answer):
                super().wake()

    return Parts(stream=HoldingStream, subscription=AskedSubscription)


MUTANT = Mutant(
    id="held-until-end",
    title="The first word of an answer comes with the last",
    rows=(35,),
    trips=Trips(rules=("buffering",), may=("live-view", "discovery", "independence", "subagents")),
    settings=Dose(rate=1.0),
    build=_build,
)
