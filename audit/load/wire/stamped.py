"""A transport that knows when the kernel received what it hands on (SO_TIMESTAMPNS, Linux).

The application's own lateness (its garbage collector, its event loop, its neighbors) is then no part of any delay: it
is measured instead. The stamp is that of the last segment of a read. Plain TCP only: TLS hides the segments.
"""

from __future__ import annotations

import _socket
import socket
import struct
import sys
from time import monotonic, time
from typing import TYPE_CHECKING

from .plain import PlainTransport
from .poll import FEW_BYTES, WRITE, Poll

if TYPE_CHECKING:
    from .conn import Conn

_TIMESTAMPNS = 35  # SO_TIMESTAMPNS and SCM_TIMESTAMPNS: asm-generic/socket.h; Python does not name it
_STAMP = struct.Struct("ll")  # struct timespec
_ROOM = socket.CMSG_SPACE(_STAMP.size) if hasattr(socket, "CMSG_SPACE") else 0


def can_stamp() -> bool:
    """Does this platform stamp TCP segments?"""
    return sys.platform == "linux" and sys.maxsize > 2**32


class StampedTransport(PlainTransport):
    """errors: seconds by which the application was later than the kernel."""

    __slots__ = ("_errors",)
    swept = False

    def __init__(self, poll: Poll, sock: _socket.socket, conn: Conn, errors: list[float]) -> None:
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        self._errors = errors
        super().__init__(poll, sock, conn)

    def ready(self, events: int, at: float) -> None:
        """Read at the instant that the kernel tells, if it does."""
        if events & WRITE and not self.write_rest():
            return
        try:
            data, parts, _, _ = self._sock.recvmsg(FEW_BYTES, _ROOM)
        except OSError as error:
            self.failed(error)
            return
        late = self._late(parts)
        self.took(data, monotonic() - late)

    def _late(self, parts: list[tuple[int, int, bytes]]) -> float:
        """Seconds since the kernel had it; 0 when it does not tell."""
        for level, kind, stamp in parts:
            if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS and len(stamp) == _STAMP.size:
                seconds, nanoseconds = _STAMP.unpack(stamp)
                late: float = max(0.0, time() - seconds - nanoseconds * 1e-9)
                self._errors.append(late)
                return late
        return 0.0
