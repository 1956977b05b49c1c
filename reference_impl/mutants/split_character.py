"""The first piece after a resume is cut inside a character.

Split character (row 7): the place to go on from is counted in bytes and falls between two bytes of one character; both
halves are decoded on their own, and each becomes a replacement character. Plain ASCII never shows it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ByteSubscription(RewrittenSubscription):
        """Decodes the first text after a cursor in two parts."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._cuts = self.resumed and chance.hit()

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [self._cut(frame) if self._cuts and frame.is_text else frame for frame in whole]

        def _cut(self, frame: Frame) -> Frame:
            self._cuts = False
            raw = frame.message["data"]["text"].encode()
            place = next((place for place, byte in enumerate(raw) if byte & 0xC0 == 0x80), len(raw))
            return self.said(frame, "".join(half.decode(errors="replace") for half in (raw[:place], raw[place:])))

    return Parts(subscription=ByteSubscription)


MUTANT = Mutant(
    id="split-character",
    title="A resume cuts a character in two",
    rows=(6, 7),
    trips=Trips(rules=("text-integrity",), may=("convergence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
