"""What the two mutants share that look away when a token names another session."""

from __future__ import annotations

from ..access.gate import Gate, Pass
from ..access.scopes import EVERY_SESSION, NEEDED, Grant, Scope
from ..errors import Refused
from ..parts import Parts
from .kind import Dose


def blind_to(looked_over: Scope, dose: Dose) -> Parts:
    """A door that checks signatures, and whose session it is only for what needs another scope than this one."""
    chance = dose.chance()

    class BlindPass(Pass):
        """Takes the session of the token for the one that is asked for."""

        def __init__(self, gate: Gate, session: str, grant: Grant, scope: Scope | None = None) -> None:
            self._blind = grant.session not in (EVERY_SESSION, session) and chance.hit()
            super().__init__(gate, grant.session if self._blind else session, grant, scope)

        def check(self, command: str) -> None:
            if self._blind and NEEDED.get(command) not in (None, looked_over):
                raise Refused("forbidden", "the token is for another session", 403)
            super().check(command)

    return Parts(allowed=BlindPass)
