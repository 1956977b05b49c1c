"""The first piece after a resume begins with half an emoji.

Split character (row 7), the way it looks where offsets are counted in UTF-16 units: the high half of a surrogate pair
was sent before the cut, the low half comes after it, and neither is a character.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.event import Data
from ..session.frames import Form
from ..session.log import Log
from .kind import Dose, Mutant, Trips
from .pieces import Frame, RewrittenSubscription, event_frame


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class Utf16Subscription(RewrittenSubscription):
        """Loses the high half of the first emoji after a cursor."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            self._cuts = self.resumed and chance.hit()

        def rewrite(self, whole: list[Frame]) -> list[Frame]:
            return [self._halved(frame) if self._cuts and frame.is_text else frame for frame in whole]

        def _halved(self, frame: Frame) -> Frame:
            self._cuts = False
            text: str = frame.message["data"]["text"]
            place = next((place for place, character in enumerate(text) if ord(character) > 0xFFFF), None)
            if place is None:
                return frame
            low = chr(0xDC00 + (ord(text[place]) - 0x10000) % 0x400)
            return self._escaped(frame.message, text[:place] + low + text[place + 1 :])

        def _escaped(self, event: Data, text: str) -> Frame:
            """UTF-8 cannot say half a pair; JSON can escape it."""
            return event_frame(self._form, event | {"data": event["data"] | {"text": text}}, ascii_only=True)

    return Parts(subscription=Utf16Subscription)


MUTANT = Mutant(
    id="half-surrogate",
    title="A resume sends half an emoji",
    rows=(7,),
    trips=Trips(rules=("text-integrity",), may=("convergence",)),
    settings=Dose(rate=1.0),
    build=_build,
)
