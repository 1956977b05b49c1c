"""A prompt that comes during an answer is answered beside it, though they are to wait for each other.

Undefined double-text (row 80): whoever starts runs does not ask whether one is going on.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..live import LiveSession
from ..parts import Parts
from ..session import decide
from ..session.event import Event
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class EagerSession(LiveSession):
        """Begins whatever there is."""

        def _begun(self, events: Sequence[Event]) -> tuple[Event, ...]:
            policy: decide.Policy = "parallel" if chance.hit() else self._settings.policy
            return decide.start(self._state, policy, events, self._holder)

    return Parts(session=EagerSession)


MUTANT = Mutant(
    id="parallel-anyway",
    title="A second question is answered in the middle of the first answer",
    rows=(53, 80),
    trips=Trips(rules=("concurrency",)),
    settings=Dose(rate=1.0),
    build=_build,
)
