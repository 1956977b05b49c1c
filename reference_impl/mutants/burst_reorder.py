"""Two neighboring pieces of an answer change places when many are written back to back.

Reorder at the seam (row 34): a fan-out that keeps no order per connection, which shows only when there is much to send
at once: after an absence, on a late join, or in a burst. The log itself, and every cursor, stays right.
"""

from __future__ import annotations

from itertools import pairwise

from ..parts import Parts
from ..session.subscription import Subscription
from .kind import Dose, Mutant, Trips
from .pieces import TEXT, frames


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class UnorderedSubscription(Subscription):
        """Swaps two events where it has more than `beyond` of them to write."""

        def take(self, limit_bytes: int) -> bytes:
            piece = super().take(limit_bytes)
            if piece.count(TEXT) > max(dose.beyond, 1) and chance.hit():
                return self._swapped(piece)
            return piece

        def _swapped(self, piece: bytes) -> bytes:
            whole = list(frames(self._form, piece))
            neighbors = [
                place
                for place, (one, other) in enumerate(pairwise(whole))
                if one.is_text and other.is_text and one.run == other.run
            ]
            if neighbors:
                place = chance.pick(neighbors)
                whole[place : place + 2] = reversed(whole[place : place + 2])
            return b"".join(frame.raw for frame in whole)

    return Parts(subscription=UnorderedSubscription)


MUTANT = Mutant(
    id="burst-reorder",
    title="Two words change places when many are sent at once",
    rows=(34,),
    trips=Trips(rules=("order", "cursor-integrity"), counts=("reordered",)),
    settings=Dose(rate=0.1, beyond=8),
    build=_build,
)
