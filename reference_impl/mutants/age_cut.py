"""Every connection is cut when it is two seconds old, busy or not, without a word about coming back.

Hard lifetime cut (row 38): a platform's longest request (16 to 300 s in the field). The reference says when to come
back before it sends a device away; here the stream just breaks off.
"""

from __future__ import annotations

from ..parts import Parts
from ..transports.stream import Ending, Source, Stream
from .kind import Dose, Mutant, Trips

_LIFETIME_S = 2.0


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class MortalStream(Stream):
        """Dies young."""

        def follow(self, subscription: Source) -> None:
            super().follow(subscription)
            if chance.hit():
                self._loop.call_later(_LIFETIME_S, self._die)

        def _die(self) -> None:
            if self._ending is None:
                self._transport.abort()
                self.end(Ending.GONE)

    return Parts(stream=MortalStream)


MUTANT = Mutant(
    id="age-cut",
    title="Every connection breaks off after a fixed time",
    rows=(38,),
    trips=Trips(rules=("silence",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
