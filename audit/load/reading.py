"""Fetching a transcript, for a device that was told that there is nothing to stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..adapters.base import Call, Message
from ..errors import AuditError, ProtocolError
from ..event import Phase
from .ground import Ground
from .wire.conn import Conn, Sink

Done = Callable[[tuple[Message, ...]], None]


class Reading:
    """One request for the transcript. done: gets its messages; none when it could not be had."""

    def __init__(self, ground: Ground, step: Call, device: int, done: Done) -> None:
        self._ground = ground
        self._done: Done | None = done
        self._conn: Conn | None = None
        try:
            self._conn = ground.dialer.place.call(self, step)
        except AuditError as error:
            ground.loop.call_soon(self._failed, str(error))
        else:
            ground.dialer.open(self._conn, device)

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._done = None
        if self._conn is not None:
            self._conn.hang_up()

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The response."""
        adapter = self._ground.terms.adapter
        answer = adapter.answer("read", status, headers, body)
        if answer.phase is not Phase.OK:
            self._failed(str(answer.value.get("error")))
            return None
        try:
            self._tell(adapter.transcript(body))
        except ProtocolError as error:
            self._failed(str(error))
        return None

    def closed(self, conn: Conn, how: str) -> None:
        """It is over, with or without an answer."""
        if self._done is not None:
            self._failed(how)

    def _failed(self, error: str) -> None:
        self._ground.terms.tally.error(f"read: {error}")
        self._tell(())

    def _tell(self, messages: tuple[Message, ...]) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(messages)
