"""When the device that opened a session first is gone, the others may read and no longer ask.

Ghost owner (row 54): a session belongs to one connection, and the lock of a dead one is given to nobody who was there
already.
"""

from __future__ import annotations

from typing import Any

from ..errors import Refused
from ..live import Listener, LiveSession
from ..parts import Parts
from ..session.decide import Decision
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OwnedSession(LiveSession):
        """Belongs to who attached when nobody owned it."""

        _owner: Listener | None = None
        _owned = False

        def attach(self, listener: Listener) -> None:
            if self._owner is None:
                self._owner, self._owned = listener, True
            super().attach(listener)

        def detach(self, listener: Listener) -> None:
            if listener is self._owner:
                self._owner = None
            super().detach(listener)

        async def prompt(self, *asked: Any, **options: Any) -> Decision:
            if self._owned and self._owner is None and self.listeners and chance.hit():
                raise Refused("busy", "the device that holds this session is away", 409)
            return await super().prompt(*asked, **options)

    return Parts(session=OwnedSession)


MUTANT = Mutant(
    id="owner-lock",
    title="When the first device is gone, nobody can ask any more",
    rows=(54,),
    trips=Trips(rules=("handoff",)),
    settings=Dose(rate=1.0),
    build=_build,
)
