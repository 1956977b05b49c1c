"""Who has been there once is shown as present for ever.

Phantom presence (row 60): a device is counted when it comes, and taken off by a message that a closed page never sends.
"""

from __future__ import annotations

from typing import Any

from ..live import LiveSession
from ..parts import Parts
from ..presence import Presence, Writer
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class StickyPresence(Presence):
        """Counts who is gone."""

        def leave(self, device: Writer) -> None:
            if not chance.hit():
                super().leave(device)

    class HauntedSession(LiveSession):
        """Shows ghosts."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.presence = StickyPresence()

    return Parts(session=HauntedSession)


MUTANT = Mutant(
    id="presence-stuck",
    title="People who left are shown as present",
    rows=(60,),
    trips=Trips(rules=("presence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
