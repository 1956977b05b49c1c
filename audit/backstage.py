"""What goes on behind the stage of a trial: who each device is to the target, and what is done to the target itself."""

from __future__ import annotations

import ssl

from .connection import Endpoint
from .device import Device
from .errors import TargetError
from .load.result import HookResult
from .means import Need, filled
from .memory import Session
from .recorder import Recorder
from .scene import Role
from .target import Stranger, Target


class Backstage:
    """Of one trial. Credentials that it makes are hidden from the history before anybody carries them."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None, recorder: Recorder, session: Session) -> None:
        self.roles: dict[str, Role] = {}
        self._target, self._tls, self._record = target, tls, recorder
        self._sessions = {Role(): session}
        self._tokens: dict[Need, str] = {}

    @property
    def retention_s(self) -> float | None:
        """As the target's contract declares it."""
        return self._target.contract.retention_s

    def session_of(self, role: Role) -> Session:
        """The session of the trial, or the one that a user has elsewhere."""
        if not role.elsewhere:
            return self._sessions[Role()]
        return self._sessions.setdefault(Role(role.stranger, elsewhere=True), Session(self._id(role)))

    async def endpoint(self, port: int, role: Role) -> Endpoint:
        """How a device with this role reaches the target. TargetError when no credential can be made."""
        user: Target | Stranger = (self._target.stranger if role.stranger else None) or self._target
        token = await self._token(role)
        headers, query = filled(user.headers, token), filled(user.query, token)
        return Endpoint(self._target.base_url, port, headers, query, self._tls)

    async def renew(self, device: Device) -> None:
        """Give a device a fresh credential, as its app does when it is told that the old one has expired."""
        role = self.roles[device.id]
        fresh = Role(role.stranger, role.elsewhere)
        device.admit(await self.endpoint(device.link.port, fresh))
        device.note("renewed")

    async def restart(self) -> HookResult:
        """Start the target again. TargetError when there is no way."""
        if self._target.means.restart is None:
            raise TargetError("there is no way to restart the target")
        return await self._target.means.restart()

    def _id(self, role: Role) -> str:
        """Of the session that a credential opens: a stranger's is good for a session of his own."""
        session = self._sessions[Role()].id
        return f"{session}-{'stranger' if role.stranger else 'other'}" if role.stranger or role.elsewhere else session

    async def _token(self, role: Role) -> str:
        """Made once for each session and user; one that expires soon is made anew."""
        mint = self._target.means.token
        if mint is None:
            return ""
        need = Need(self._id(role), role.stranger, role.ttl_s)
        if need.ttl_s is not None:
            return self._hidden(await mint(need))
        if need not in self._tokens:
            self._tokens[need] = self._hidden(await mint(need))
        return self._tokens[need]

    def _hidden(self, token: str) -> str:
        self._record.hide(token)
        return token
