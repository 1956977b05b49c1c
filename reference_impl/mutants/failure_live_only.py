"""That an answer failed is told to those who follow it when it happens; who comes back or comes later never hears.

Endless spinner (row 13), for failures alone: the error goes to the open connections, and a replay has only what was
said (row 26). The transcript has it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgivingSubscription(RewrittenSubscription):
        """Leaves failures out of history, and of what a resumed device gets."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._late = log.head > 0

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [frame for frame in whole if not self._forgotten(frame)]

        def _forgotten(self, frame: Frame) -> bool:
            failed = frame.kind == "run-end" and frame.message["data"].get("reason") == "failed"
            return self._late and failed and chance.hit()

    return Parts(subscription=ForgivingSubscription)


MUTANT = Mutant(
    id="failure-live-only",
    title="Who comes back to an answer that failed waits for ever",
    rows=(13, 26),
    trips=Trips(rules=("failure-truth",)),
    settings=Dose(rate=1.0),
    build=_build,
)
