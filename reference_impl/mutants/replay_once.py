"""What is replayed is replayed once: a drop in the middle of a replay loses the rest of it.

No way back (row 1), on the second cut: what a device has missed is taken off a buffer when it is handed out, and not
when it has arrived. A single drop costs nothing.
"""

from __future__ import annotations

from ..parts import Parts
from ..session.log import Log, Resumption
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class DrainedLog(Log):
        """Goes on behind a replay that it has given out, wherever in it the device was cut."""

        def __init__(self, epoch: str, retain: int | None = None, trimmed: int = 0) -> None:
            super().__init__(epoch, retain, trimmed)
            self._replays: list[tuple[int, int]] = []  # the places where replays began and ended

        def resume(self, cursor: str | None) -> Resumption:
            found = super().resume(cursor)
            if cursor is None or found.gap is not None:
                return found
            inside = [upto for after, upto in self._replays if after < found.after < upto]
            self._replays.append((found.after, self.head))
            return Resumption(max(inside)) if inside and chance.hit() else found

    return Parts(log=DrainedLog)


MUTANT = Mutant(
    id="replay-once",
    title="A drop in the middle of a replay loses the rest of it",
    rows=(1,),
    trips=Trips(rules=("loss",)),
    settings=Dose(rate=1.0),
    build=_build,
)
