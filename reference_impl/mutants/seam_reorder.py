"""Where a replay meets what is live, the last word of the replay comes after the first live one.

Reorder at the seam (row 34): replay and live come over two ways that do not wait for each other. It shows only when a
device comes back while the answer goes on.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class RacingSubscription(RewrittenSubscription):
        """Holds the last replayed word back until a live one has gone out."""

        _held: Frame | None = None

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._races = self.resumed and chance.hit()

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            sent: list[Frame] = []
            for frame in whole:
                if self._races and frame.ends_history:
                    self._races = False
                    if sent and sent[-1].is_text:
                        self._held = sent.pop()
                sent += self._late(frame)
            return sent

        def _late(self, frame: Frame) -> list[Frame]:
            """A frame and, when it is the first live event, what it overtook."""
            held = self._held
            if held is None or not frame.kind:
                return [frame]
            self._held = None
            return [frame, held] if frame.is_text else [held, frame]

    return Parts(subscription=RacingSubscription)


MUTANT = Mutant(
    id="seam-reorder",
    title="The last replayed word comes after the first live one",
    rows=(34,),
    trips=Trips(rules=("order", "cursor-integrity")),
    settings=Dose(rate=0.25),
    audit=Dose(rate=0.5),
    build=_build,
)
