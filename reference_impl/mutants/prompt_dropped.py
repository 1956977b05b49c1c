"""A prompt that comes during an answer is accepted, and never answered.

Undefined double-text (row 80): it was put where only the next prompt would look.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..live import LiveSession
from ..parts import Parts
from ..session.event import Event
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ForgetfulSession(LiveSession):
        """Begins a run with its prompt, or not at all."""

        def _begun(self, events: Sequence[Event]) -> tuple[Event, ...]:
            asked = any(event.kind == "user" for event in events)
            return super()._begun(events) if asked or not self._state.active or not chance.hit() else ()

    return Parts(session=ForgetfulSession)


MUTANT = Mutant(
    id="prompt-dropped",
    title="A question asked during an answer is never answered",
    rows=(80,),
    trips=Trips(rules=("concurrency",)),
    settings=Dose(rate=1.0),
    build=_build,
)
