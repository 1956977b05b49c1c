"""A resume says the last word again, glued to the front of the next one, under the next one's cursor.

Boundary skew (row 4), the way it looks where pieces are rolled up: the roll-up that straddles the resume is cut one
piece too early. Its offset is one that the device has not had, so no de-duplication by cursor can drop it.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.event import Event
from ..session.frames import Form
from ..session.log import Log, entry
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips
from .pieces import TEXT, Frame, event_at, frames


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OverlappingSubscription(Subscription):
        """Begins one piece of text too early, when it begins behind one."""

        def __init__(self, log: Log, form: Form, after: int) -> None:
            super().__init__(log, form, after)
            last = _text_at(log, form, after)
            self._again = last if last is not None and chance.hit() else None

        def take(self, limit_bytes: int) -> bytes:
            piece = super().take(limit_bytes)
            if self._again is None or TEXT not in piece:
                return piece
            return b"".join(self._glued(frame) for frame in frames(self._form, piece))

        def _glued(self, frame: Frame) -> bytes:
            last, next_ = self._again, frame.message
            if last is None or not frame.is_text or frame.run != last.run:
                return frame.raw
            self._again = None
            text = last.message["data"]["text"] + next_["data"]["text"]
            made = entry(Event("text", frame.run, {"text": text}), next_["epoch"], next_["offset"])
            return made.sse if self._form == "sse" else made.ws

    return Parts(subscription=OverlappingSubscription)


def _text_at(log: Log, form: Form, offset: int) -> Frame | None:
    """The event at an offset, if it is there and is text."""
    found = event_at(log, form, offset)
    return found if found is not None and found.is_text else None


MUTANT = Mutant(
    id="seam-repeat",
    title="One resume in six says the last word again, as if it were new",
    rows=(4,),
    trips=Trips(rules=("duplication",), counts=("repeated",), may=("concurrency",)),
    settings=Dose(rate=1 / 6),
    audit=Dose(rate=1 / 6),
    build=_build,
)
