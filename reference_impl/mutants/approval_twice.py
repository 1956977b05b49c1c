"""Every answer to what an agent asks for counts, the second one, too.

Approval doubled (row 58): nothing remembers that the question was answered, so two devices, or two clicks, have the
thing done twice.
"""

from __future__ import annotations

from ..live import LiveSession
from ..parts import Parts
from ..session.decide import Decision
from ..session.event import Event
from ..session.state import Approval
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class ObligingSession(LiveSession):
        """Takes every answer for the first one."""

        async def approve(self, approval: str, granted: bool, by: str) -> Approval:
            known = self._state.approvals.get(approval)
            if known is not None and not known.open and chance.hit():
                again = Event("approval", known.run, {"id": approval, "granted": granted, "by": by})
                await self._command(lambda: Decision((again,), known.run))
                return self._state.approvals[approval]
            return await super().approve(approval, granted, by)

    return Parts(session=ObligingSession)


MUTANT = Mutant(
    id="approval-twice",
    title="What was approved on two devices is done twice",
    rows=(58,),
    trips=Trips(rules=("approval",)),
    settings=Dose(rate=1.0),
    build=_build,
)
