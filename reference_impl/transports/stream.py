"""Pushing a subscription into one socket: what is new goes out at once, and a device that does not read costs nothing.

Frames are written straight to the transport, so waking a device that keeps up is one join (shared by all that stand at
the same place) and one write. When the socket's buffer is full the stream waits for it to drain and then goes on from
the device's place in the log; nothing is queued for it. A device that takes nothing for too long is cut: it can resume.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto
from random import randrange
from typing import Protocol

from ..session.log import Expired
from ..settings import Settings

_PIECE_BYTES = 64 * 1024
_BUFFER_BYTES = 256 * 1024  # per device, beyond what the kernel holds
_UNSENT_BYTES = 128 * 1024  # what the kernel holds that it has not sent yet
_DEAD_MS = 20_000  # unacknowledged for this long: nobody is there


class Ending(Enum):
    """Why a stream is over."""

    GONE = auto()  # the device, or its connection
    SLOW = auto()  # cut: it took nothing for too long, or fell behind the oldest event
    AWAY = auto()  # the session is not served here any longer
    EXPIRED = auto()  # the token that it was opened with


class Source(Protocol):
    """What a stream is written from: a place in a log (session/subscription.py, streams/pieces.py)."""

    def take(self, limit_bytes: int) -> bytes:
        """The next piece to write; empty when there is nothing more yet. Raises log.Expired."""
        ...


class Stream:
    """One device's connection. farewell: what says to come back after so many milliseconds. ended: called once, when
    the stream is over, to close the connection as it should be."""

    def __init__(
        self,
        transport: asyncio.Transport,
        drain: Callable[[], Awaitable[None]],
        *,
        ping: bytes,
        farewell: Callable[[int], bytes],
        settings: Settings,
        ended: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._drain = drain
        self._ping = ping
        self._farewell = farewell
        self._settings = settings
        self._ended = ended
        self._ending: Ending | None = None
        self._subscription: Source | None = None
        self._draining: asyncio.Task[None] | None = None
        self._last_write = self._loop.time()
        self._beat = self._loop.call_at(self._last_write + settings.heartbeat_s, self._heartbeat)
        transport.set_write_buffer_limits(high=_BUFFER_BYTES)
        _bound_socket(transport)

    @property
    def ending(self) -> Ending | None:
        """Why it is over; None while it is not."""
        return self._ending

    @property
    def following(self) -> bool:
        """It has a subscription."""
        return self._subscription is not None

    def follow(self, subscription: Source) -> None:
        """Write everything the subscription has, and whatever it gets from now on (at each `wake`)."""
        self._subscription = subscription
        self.wake()

    def wake(self) -> None:
        """There is something new in the log."""
        if self._draining is not None or self._ending is not None or self._subscription is None:
            return
        try:
            while self._draining is None and (piece := self._subscription.take(_PIECE_BYTES)):
                self.write(piece)
        except Expired:
            self.end(Ending.SLOW)

    def write(self, frames: bytes) -> None:
        """Write whole frames. Whoever writes without bound must await `room` in between."""
        if self._ending is not None or self._transport.is_closing():
            return
        self._transport.write(frames)
        self._last_write = self._loop.time()
        if self._draining is None and self._transport.get_write_buffer_size() > _BUFFER_BYTES:
            self._draining = asyncio.create_task(self._catch_up())

    async def room(self) -> None:
        """Return when there is room for one more answer: twice what events have, so that a device that is far behind in
        reading can still command."""
        while self._draining is not None and self._transport.get_write_buffer_size() > 2 * _BUFFER_BYTES:
            await asyncio.wait((self._draining,))

    def leave(self) -> None:
        """The session is not served here any longer. Everybody is told another time to wait, so that they do not all
        come back at once."""
        self.write(self._farewell(randrange(self._settings.spread_ms + 1)))
        self.end(Ending.AWAY)

    def end(self, why: Ending) -> None:
        """Write nothing more. Does nothing when the stream is over already."""
        if self._ending is not None:
            return
        self._ending = why
        self._beat.cancel()
        if self._draining is not None:
            self._draining.cancel()
        ended, self._ended = self._ended, _nothing  # lets go of who made this stream: no circle is left
        ended()

    async def _catch_up(self) -> None:
        """Wait until the device has made room, then go on from its place; cut it when it takes nothing at all."""
        drained = asyncio.ensure_future(self._drain())
        drained.add_done_callback(_look_at)  # it is never cancelled: whoever closes the connection may wait for it too
        left = self._transport.get_write_buffer_size()
        while not (await asyncio.wait((drained,), timeout=self._settings.patience_s))[0]:
            before, left = left, self._transport.get_write_buffer_size()
            if left >= before:
                self._draining = None  # this very task: must not be cancelled by `end`
                self.end(Ending.SLOW)
                return
        self._draining = None
        self.wake()

    def _heartbeat(self) -> None:
        if self._transport.is_closing():
            self.end(Ending.GONE)
            return
        now = self._loop.time()
        if now - self._last_write >= self._settings.heartbeat_s - 0.001 and self._draining is None:
            self.write(self._ping)
        due = now if self._draining is not None else self._last_write
        self._beat = self._loop.call_at(due + self._settings.heartbeat_s, self._heartbeat)


def _nothing() -> None:
    """A stream ends only once."""


def _look_at(drained: asyncio.Future[None]) -> None:
    """A connection that was lost meanwhile is found out by the next write, or heartbeat."""
    if not drained.cancelled():
        drained.exception()


def _bound_socket(transport: asyncio.Transport) -> None:
    """Keep little in the kernel for a device that does not read, and notice one whose network is gone (Linux)."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    for option, value in (("TCP_NOTSENT_LOWAT", _UNSENT_BYTES), ("TCP_USER_TIMEOUT", _DEAD_MS)):
        if hasattr(socket, option):
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
