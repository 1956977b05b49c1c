"""A resume says the whole answer so far once more, in one piece, in front of the next word.

Cursor ignored (row 5): the server sends what it has accumulated instead of what is new since the cursor, as if it were
one more piece. It comes under the next word's cursor, which the device has not had, so nothing can drop it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription, frames


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ReplayingSubscription(RewrittenSubscription):
        """Puts all that a run said before the cursor in front of the first word behind it."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            piece = log.read(form, log.trimmed, after, 1 << 30)[0] if after > log.trimmed and chance.hit() else b""
            self._before = [frame for frame in frames(form, piece) if frame.is_text]

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [self._glued(frame) for frame in whole]

        def _glued(self, frame: Frame) -> Frame:
            if not self._before or not frame.is_text:
                return frame
            before = "".join(each.message["data"]["text"] for each in self._before if each.run == frame.run)
            self._before = []
            return self.said(frame, before + frame.message["data"]["text"])

    return Parts(subscription=ReplayingSubscription)


MUTANT = Mutant(
    id="replay-glued",
    title="One resume in four says the whole answer again",
    rows=(5,),
    trips=Trips(rules=("duplication",), may=("concurrency", "subagents")),
    settings=Dose(rate=0.25),
    audit=Dose(rate=0.25),
    build=_build,
)
