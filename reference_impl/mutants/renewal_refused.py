"""Who has once come with a token that expired is refused with every other one.

A stale credential (row 44): what was found out about one token is kept for the session and its user, and a fresh one is
never looked at. Only signing in anew, as somebody else, would help.
"""

from __future__ import annotations

from ..access.gate import Gate, Pass
from ..access.scopes import Grant, Scope
from ..errors import Refused
from ..parts import Parts
from .kind import Dose, Mutant, Trips


def _build(dose: Dose) -> Parts:
    chance = dose.chance()
    soonest: dict[tuple[str, str], float] = {}  # when the first to expire of a user's tokens for a session does

    class StalePass(Pass):
        """Judges every token of a user by the one that expires first."""

        def __init__(self, gate: Gate, session: str, grant: Grant, scope: Scope | None = None) -> None:
            super().__init__(gate, session, grant, scope)
            known = soonest.get((session, grant.subject), grant.expires_at)
            soonest[session, grant.subject] = min(known, grant.expires_at)
            if known <= gate.now() and chance.hit():
                raise Refused("unauthorized", "the token has expired", 401)

    return Parts(allowed=StalePass)


MUTANT = Mutant(
    id="renewal-refused",
    title="A fresh token does not help whoever had one that expired",
    rows=(44,),
    trips=Trips(rules=("credential-expiry",)),
    settings=Dose(rate=1.0),
    build=_build,
)
