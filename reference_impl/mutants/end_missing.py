"""A device that has resumed is not told that a run is over; everybody else is.

The endless spinner (row 13), by an event that is seen live and missing on a resumed stream (row 26): the ending goes to
those who were there when the run began. It stays in the log, so whoever resumes again from before it can still get it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips
from .pieces import END, Frame, frames


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class EndlessSubscription(Subscription):
        """Drops endings when it began in the middle of the log."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._resumed = after > 0

        def take(self, limit_bytes: int) -> bytes:
            while True:
                piece = super().take(limit_bytes)
                if not self._resumed or END not in piece:
                    return piece
                kept = b"".join(frame.raw for frame in frames(self._form, piece) if not self._lost(frame))
                if kept:  # an empty piece would mean that there is nothing more to come
                    return kept

        def _lost(self, frame: Frame) -> bool:
            return frame.message.get("kind") == "run-end" and chance.hit()

    return Parts(subscription=EndlessSubscription)


MUTANT = Mutant(
    id="end-missing",
    title="One ending in a hundred never reaches a device that has resumed",
    rows=(13, 26),
    trips=Trips(rules=("termination", "completion-window", "stop-visibility"), counts=("unended",)),
    settings=Dose(rate=0.01),
    build=_build,
)
