"""An answer whose agent failed is told and stored as completed.

Cut accepted as finished (row 12): the end of the agent's output is taken for the end of its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.event import Event
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class TrustingSession(LiveSession):
        """Believes that whoever says nothing more has finished."""

        async def _command(self, decided: Callable[[], Decision], *, begin: bool = True) -> Decision:
            def believed() -> Decision:
                decision = decided()
                return replace(decision, events=tuple(_believed(event) for event in decision.events))

            failed = any(event.data.get("reason") == "failed" for event in decided().events)
            return await super()._command(believed if failed and chance.hit() else decided, begin=begin)

    return Parts(session=TrustingSession)


def _believed(event: Event) -> Event:
    return replace(event, data={"reason": "completed"}) if event.data.get("reason") == "failed" else event


MUTANT = Mutant(
    id="failure-hidden",
    title="Half an answer reads as a whole one when the agent failed",
    rows=(12,),
    trips=Trips(rules=("failure-truth",), counts=()),
    settings=Dose(rate=1.0),
    build=_build,
)
