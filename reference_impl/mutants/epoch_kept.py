"""The log is lost when the server restarts, and the new one goes by the name of the old.

Wrong incarnation (row 10): the storage did not survive, and the epoch is made of the session's name alone. A cursor of
the lost log is good for the new one, as soon as that is long enough.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..observe.measured import MeasuredStore
from ..observe.metrics import Metrics
from ..parts import Parts
from ..storage.base import Store, Stored
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class AmnesiacStore(MeasuredStore):
        """Forgets, when it meets a session of an earlier process, all of it but its epoch."""

        def __init__(self, store: Store, metrics: Metrics) -> None:
            super().__init__(store, metrics)
            self._epochs: dict[str, tuple[str, str]] = {}  # as it is told, and as it is stored
            self._met: set[str] = set()

        async def load(self, session: str) -> Stored:
            stored = await super().load(session)
            if session not in self._met and stored.bodies and chance.hit():
                await super().delete(session, stored.epoch)
                told, stored = stored.epoch, await super().load(session)
                self._epochs[session] = (told, stored.epoch)
            self._met.add(session)
            told, kept = self._epochs.get(session, (stored.epoch, stored.epoch))
            return Stored(told if stored.epoch == kept else stored.epoch, stored.bodies, stored.first, stored.snapshot)

        async def append(self, session: str, epoch: str, first: int, bodies: Sequence[bytes]) -> None:
            await super().append(session, self._kept(session, epoch), first, bodies)

        async def trim(self, session: str, epoch: str, upto: int, snapshot: bytes) -> None:
            await super().trim(session, self._kept(session, epoch), upto, snapshot)

        def _kept(self, session: str, epoch: str) -> str:
            told, kept = self._epochs.get(session, (epoch, epoch))
            return kept if epoch == told else epoch

    return Parts(store=AmnesiacStore)


MUTANT = Mutant(
    id="epoch-kept",
    title="After a restart sessions are empty, and old cursors are good in them",
    rows=(10,),
    trips=Trips(rules=("cursor-honesty", "restart")),
    settings=Dose(rate=1.0),
    build=_build,
)
