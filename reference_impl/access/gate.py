"""The gate: who comes in with which token, how often they may command, and what a connection may still do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import Refused
from .limits import Buckets, Limits, spread_ms
from .scopes import EVERYTHING, NEEDED, Grant, Scope

Verify: TypeAlias = Callable[[str], Grant]


@dataclass(frozen=True, slots=True)
class Access:
    """verify: checks a token, raises Refused; None asks for none. origins: of web pages that may use the server beside
    its own, `*` for all. limits: how much is taken. warn_s: a stream is told this long before its token expires."""

    verify: Verify | None = None
    origins: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    warn_s: float = 30.0


class Gate:
    """now: seconds since 1970. clock: seconds, of no date."""

    def __init__(
        self, access: Access, now: Callable[[], float] = time.time, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.access = access
        self.now = now
        limits = access.limits
        self._sessions = _buckets(limits.session_commands_per_s, limits, clock)
        self._subjects = _buckets(limits.subject_commands_per_s, limits, clock)

    def admit(self, token: str | None) -> Grant:
        """What somebody with this token may do. Raises Refused (unauthorized)."""
        if self.access.verify is None:
            return EVERYTHING
        if not token:
            raise Refused("unauthorized", "a token is missing", 401)
        return self.access.verify(token)

    def spend(self, session: str, grant: Grant) -> None:
        """One command more. Raises Refused (rate-limited)."""
        wait_s = self._subjects.take(grant.subject) if self._subjects is not None and grant.subject else 0.0
        if not wait_s and self._sessions is not None:
            wait_s = self._sessions.take(session)
        if wait_s:
            raise Refused("rate-limited", "too many commands; come back later", 429, spread_ms(wait_s))


class Pass:
    """What one request or connection may do to one session. Raises Refused when its token is for another one."""

    def __init__(self, gate: Gate, session: str, grant: Grant, scope: Scope | None = None) -> None:
        grant.require(session, scope)
        self.grant = grant
        self._gate = gate
        self._session = session
        self._scope = scope

    @property
    def warn_s(self) -> float:
        """How long before its end to say so."""
        return self._gate.access.warn_s

    @property
    def left_s(self) -> float:
        """Until the token expires."""
        return self.grant.expires_at - self._gate.now()

    def check(self, command: str) -> None:
        """The command may be carried out. Raises Refused (unauthorized, forbidden, rate-limited)."""
        scope = NEEDED.get(command)
        if scope is None:
            return
        if self.left_s <= 0:
            raise Refused("unauthorized", "the token has expired", 401)
        self.grant.require(self._session, scope)
        if scope == "read":
            self._scope = scope
        else:
            self._gate.spend(self._session, self.grant)

    def renew(self, token: str) -> None:
        """Go on with another token: of the same subject and session, for what goes on. Raises Refused, and then all is
        as it was."""
        grant = self._gate.admit(token)
        grant.require(self._session, self._scope)
        if grant.subject != self.grant.subject:
            raise Refused("forbidden", "the token is somebody else's", 403)
        self.grant = grant


def _buckets(rate_per_s: float | None, limits: Limits, clock: Callable[[], float]) -> Buckets | None:
    return None if rate_per_s is None else Buckets(rate_per_s, rate_per_s * limits.burst_s, clock)
