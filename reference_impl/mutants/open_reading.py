"""Whoever has a token reads every session, whichever one the token names.

A stranger in the room (row 64): the signature is checked, the session is not. Commands are still refused.
"""

from __future__ import annotations

from ..access.gate import Gate, Pass
from ..access.scopes import EVERY_SESSION, NEEDED, Grant, Scope
from ..errors import Refused
from ..parts import Parts
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()

    class OpenPass(Pass):
        """Asks whose the session is only when something is to be changed."""

        def __init__(self, gate: Gate, session: str, grant: Grant, scope: Scope | None = None) -> None:
            self._blind = grant.session not in (EVERY_SESSION, session) and chance.hit()
            super().__init__(gate, grant.session if self._blind else session, grant, scope)

        def check(self, command: str) -> None:
            if self._blind and NEEDED.get(command) not in (None, "read"):
                raise Refused("forbidden", "the token is for another session", 403)
            super().check(command)

    return Parts(allowed=OpenPass)


MUTANT = Mutant(
    id="open-reading",
    title="Any user can read any session",
    rows=(64,),
    trips=Trips(rules=("isolation",)),
    settings=Dose(rate=1.0),
    build=_build,
)
