"""Events of one millisecond share one cursor.

Cursor collision (row 3): the id is made of the time, which does not move while words come back to back. Who resumes
from a shared id cannot be told which of the words it had.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace

from ..parts import Parts
from ..session.log import Entry, Log
from .kind import Dose, Mutant, Trips
from .pieces import event_frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ClockLog(Log):
        """Gives a word the cursor of the one before it, where no millisecond lies between them."""

        _shared = (-1, 0)  # a millisecond, and the offset that stands for it

        def append(self, new: Entry) -> None:
            now = time.monotonic_ns() // 1_000_000
            event = json.loads(new.body)
            shared = event["kind"] == "text" and self._shared[0] == now and chance.hit()
            self._shared = self._shared if shared else (now, new.offset)
            super().append(self._named(new, event | {"offset": self._shared[1]}) if shared else new)

        def _named(self, new: Entry, event: dict[str, object]) -> Entry:
            return replace(new, sse=event_frame("sse", event).raw, ws=event_frame("ws", event).raw)

    return Parts(log=ClockLog)


MUTANT = Mutant(
    id="id-by-millisecond",
    title="Words that come within one millisecond have the same id",
    rows=(3,),
    trips=Trips(rules=("cursor-integrity",)),
    settings=Dose(rate=1.0),
    build=_build,
)
