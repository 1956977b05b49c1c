"""A device that opens the session is shown what is finished, and nothing of the answer that is being written.

Active run undiscoverable (row 47): only who was there when a run began is subscribed to it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, frames
from .rewriting import RewritingSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class BlindSubscription(RewritingSubscription):
        """Leaves out the runs that were going on when it began."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._hidden = _going_on(log, form) if self.late and chance.hit() else set()

        def rewritten(self, frame: Frame) -> bytes:
            prompt = frame.message.get("kind") == "user"
            return b"" if frame.run in self._hidden and not prompt else frame.raw

    return Parts(subscription=BlindSubscription)


def _going_on(log: Log, form: Form) -> set[str | None]:
    found: set[str | None] = set()
    place = log.trimmed
    while place < log.head:
        piece, place = log.read(form, place, log.head, 1 << 20)
        for frame in frames(form, piece):
            kind = frame.message.get("kind")
            if kind == "user":
                found.add(frame.run)
            elif kind == "run-end":
                found.discard(frame.run)
    return found


MUTANT = Mutant(
    id="run-hidden",
    title="A device that comes late sees nothing of the answer that is being written",
    rows=(47,),
    trips=Trips(rules=("discovery", "join", "live-view"), may=("loss", "termination")),
    settings=Dose(rate=1.0),
    build=_build,
)
