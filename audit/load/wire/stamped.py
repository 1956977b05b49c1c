"""A transport that knows when the kernel received what it hands on (SO_TIMESTAMPNS, Linux).

The application's own lateness (its garbage collector, its event loop, its neighbors) is then no part of any delay: it
is measured instead. The stamp is that of the last segment of a read. Plain TCP only: TLS hides the segments.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from time import monotonic, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conn import Conn

_TIMESTAMPNS = 35  # SO_TIMESTAMPNS and SCM_TIMESTAMPNS: asm-generic/socket.h; Python does not name it
_READ_BYTES = 256 * 1024
_STAMP = struct.Struct("ll")  # struct timespec
_ROOM = socket.CMSG_SPACE(_STAMP.size) if hasattr(socket, "CMSG_SPACE") else 0


def can_stamp() -> bool:
    """Does this platform stamp TCP segments?"""
    return sys.platform == "linux" and sys.maxsize > 2**32


class StampedTransport(asyncio.Transport):
    """As much of a transport as `Conn` uses. errors: seconds by which the application was later than the kernel."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket, conn: Conn, errors: list[float]) -> None:
        super().__init__()
        self._loop, self._sock, self._conn, self._errors = loop, sock, conn, errors
        self._unsent = bytearray()
        self._closed = False
        self._ending = False
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        loop.add_reader(sock.fileno(), self._read)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Only the socket."""
        return self._sock if name == "socket" else default

    def is_closing(self) -> bool:
        """Is it closed?"""
        return self._closed

    def pause_reading(self) -> None:
        """Leave what comes in the kernel."""
        if not self._closed:
            self._loop.remove_reader(self._sock.fileno())

    def resume_reading(self) -> None:
        """Read again."""
        if not self._closed:
            self._loop.add_reader(self._sock.fileno(), self._read)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send now what the kernel takes, the rest when it has room."""
        if self._closed:
            return
        sent = 0
        if not self._unsent:
            try:
                sent = self._sock.send(data)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                self._lose(error)
                return
        if sent < len(data):
            self._unsent += data[sent:]
            self._loop.add_writer(self._sock.fileno(), self._write)

    def can_write_eof(self) -> bool:
        """TCP can be closed by halves."""
        return True

    def write_eof(self) -> None:
        """Send FIN."""
        self._ending = True
        if not self._unsent and not self._closed:
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close."""
        self._lose(None)

    def abort(self) -> None:
        """Close at once."""
        self._lose(None)

    def _read(self) -> None:
        try:
            data, parts, _, _ = self._sock.recvmsg(_READ_BYTES, _ROOM)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if not data:
            self._lose(None)
            return
        late = 0.0
        for level, kind, stamp in parts:
            if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS and len(stamp) == _STAMP.size:
                seconds, nanoseconds = _STAMP.unpack(stamp)
                late = max(0.0, time() - seconds - nanoseconds * 1e-9)
                self._errors.append(late)
        self._conn.received(data, monotonic() - late)

    def _write(self) -> None:
        try:
            sent = self._sock.send(self._unsent)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        del self._unsent[:sent]
        if not self._unsent:
            self._loop.remove_writer(self._sock.fileno())
            if self._ending:
                self.write_eof()

    def _lose(self, error: OSError | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_writer(self._sock.fileno())
        with contextlib.suppress(OSError):
            self._sock.close()
        self._loop.call_soon(self._conn.connection_lost, error)
