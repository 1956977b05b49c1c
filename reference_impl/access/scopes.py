"""What a token allows: sessions, and what may be done to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from ..errors import Refused

Scope: TypeAlias = Literal["read", "prompt", "control", "append"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
EVERY_SESSION: Final = "*"

NEEDED: Final[Mapping[str, Scope]] = {  # by command; what is not here only needs a token of the session
    "subscribe": "read",
    "prompt": "prompt",
    "stop": "control",
    "steer": "control",
    "approve": "control",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """subject: whom the token was given to; empty when it does not say. session: a name, or `*` for every session.

    scopes: `read` events and the transcript, `prompt`, `control` (stop, steer, approve), `append` (what agents do: take
    runs as a worker, write streams). expires_at: seconds since 1970.
    """

    subject: str
    session: str
    scopes: frozenset[Scope]
    expires_at: float

    def require(self, session: str, scope: Scope | None) -> None:
        """Raises Refused (forbidden) unless it allows this; None asks for no more than the session."""
        if self.session not in (EVERY_SESSION, session):
            raise Refused("forbidden", "the token is for another session", 403)
        if scope is not None and scope not in self.scopes:
            raise Refused("forbidden", f'the token does not have the scope "{scope}"', 403)


EVERYTHING: Final = Grant("", EVERY_SESSION, frozenset(SCOPES), math.inf)  # where no token is asked for
