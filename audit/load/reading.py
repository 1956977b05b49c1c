"""Fetching a transcript, for a device that was told that there is nothing to stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..adapters.base import Message
from ..errors import ProtocolError
from ..event import Phase
from .ground import Ground
from .wire.conn import Conn, Sink


class Reading:
    """Owner of the exchange. done: gets the messages; none when the transcript could not be had."""

    def __init__(self, ground: Ground, done: Callable[[tuple[Message, ...]], None]) -> None:
        self._ground = ground
        self._done: Callable[[tuple[Message, ...]], None] | None = done

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The response."""
        adapter = self._ground.terms.adapter
        messages: tuple[Message, ...] = ()
        answer = adapter.answer("read", status, headers, body)
        try:
            messages = adapter.transcript(body) if answer.phase is Phase.OK else messages
        except ProtocolError as error:
            self._ground.terms.tally.error(f"read: {error}")
        if answer.phase is not Phase.OK:
            self._ground.terms.tally.error(f"read: {answer.value.get('error')}")
        self._tell(messages)
        return None

    def closed(self, conn: Conn, how: str) -> None:
        """It is over, with or without an answer."""
        if self._done is not None:
            self._ground.terms.tally.error(f"read: {how}")
        self._tell(())

    def _tell(self, messages: tuple[Message, ...]) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(messages)
