"""A transport over plain TCP that `Poll` tells when to read: as much of one as `Conn` uses, and nothing in between."""

from __future__ import annotations

import _socket
import asyncio
import contextlib
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from .poll import EDGE, FEW_BYTES, READ, WRITE, Poll

if TYPE_CHECKING:
    from .conn import Conn

MANY_BYTES = 256 * 1024  # when more came than a few words: a history, mostly
_NOTHING = BlockingIOError | InterruptedError


class PlainTransport(asyncio.Transport):
    """A connected, non-blocking socket, read as soon as it has something, at the instant that the poll knew of it.

    swept: the poll reads it, and compares what came with what was foreseen; it tells once what came, so all is read.
    """

    __slots__ = ("_closed", "_conn", "_ending", "_paused", "_poll", "_sock", "_unsent")
    swept = True

    def __init__(self, poll: Poll, sock: _socket.socket, conn: Conn) -> None:
        self._poll, self._sock, self._conn = poll, sock, conn
        self._unsent = b""
        self._closed = self._ending = self._paused = False
        self._watch()

    def ready(self, events: int, at: float) -> None:
        """Read, or write what is left."""
        if events & WRITE and not self.write_rest():
            return
        try:
            data = self._sock.recv(FEW_BYTES)
        except OSError as error:
            self.failed(error)
            return
        self.took(data, at)
        if data and events & ~(READ | WRITE):
            self._again()  # its end was told, and is still to be read

    def took(self, data: bytes, at: float) -> None:
        """This was read."""
        if not data:
            self._lose(None)
            return
        more = b""
        if len(data) == FEW_BYTES:
            with contextlib.suppress(OSError):  # the next read tells what it was
                more = self._sock.recv(MANY_BYTES)
        self._conn.received(data + more, at)
        if len(more) == MANY_BYTES:
            self._again()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Only the socket."""
        return self._sock if name == "socket" else default

    def is_closing(self) -> bool:
        """Is it closed?"""
        return self._closed

    def pause_reading(self) -> None:
        """Leave what comes in the kernel."""
        if not (self._closed or self._paused):
            self._paused = True
            self._watch()

    def resume_reading(self) -> None:
        """Read again."""
        if not self._closed and self._paused:
            self._paused = False
            self._watch()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send now what the kernel takes, the rest when it has room."""
        if self._closed:
            return
        if self._unsent:
            self._unsent += data
            return
        sent = self._send(data)
        if sent < len(data) and not self._closed:
            self._unsent = bytes(data[sent:])
            self._watch()

    def can_write_eof(self) -> bool:
        """TCP can be closed by halves."""
        return True

    def write_eof(self) -> None:
        """Send FIN, after what is unsent."""
        self._ending = True
        if not self._unsent and not self._closed:
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close."""
        self._lose(None)

    def abort(self) -> None:
        """Close at once."""
        self._lose(None)

    # -- for subclasses that read in another way ------------------------------------------------------------------

    def write_rest(self) -> bool:
        """There is room for what is unsent. May it be read, too?"""
        if self._unsent and not self._closed:
            self._unsent = self._unsent[self._send(self._unsent) :]
            if not (self._unsent or self._closed):
                self._watch()
                if self._ending:
                    self.write_eof()
        return not (self._paused or self._closed)

    def failed(self, error: OSError) -> None:
        """Nothing could be read: because there is nothing, or because it is over."""
        if not isinstance(error, _NOTHING):
            self._lose(error)

    def _send(self, data: bytes | bytearray | memoryview) -> int:
        try:
            return self._sock.send(data)
        except OSError as error:
            self.failed(error)
            return 0

    def _watch(self) -> None:
        events = (0 if self._paused else READ) | (WRITE if self._unsent else 0)
        descriptor = self._sock.fileno()
        self._poll.watch(descriptor, events | EDGE if events and self.swept else events, self)
        if self.swept and not self._paused:
            self._conn.foreseen_by(partial(self._poll.expect, descriptor))

    def _again(self) -> None:
        """There is more: to be told of it once more (epoll_ctl(2), EPOLL_CTL_MOD looks anew)."""
        if not (self._closed or self._paused):
            self._watch()

    def _lose(self, error: OSError | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._conn.foreseen_by(None)
        self._poll.forget(self._sock.fileno())
        with contextlib.suppress(OSError):
            self._sock.close()
        if self._conn.owner is None:
            self._conn.connection_lost(error)  # nobody is told
        else:
            self._poll.loop.call_soon(self._conn.connection_lost, error)
