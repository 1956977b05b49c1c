"""A device that reads slowly: most of the time it leaves what comes in its socket's small buffer, or to the target."""

from __future__ import annotations

from time import monotonic

from .ground import Ground
from .wire.conn import Conn

PAUSE_S, READ_S = 3.0, 1.0
RECEIVE_BUFFER = 4_096  # bytes; the kernel doubles it


class SlowReading:
    """Pauses and resumes the reading of one connection, until it is stopped or the connection is gone."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._conn: Conn | None = None

    def start(self, conn: Conn) -> None:
        """Read this one slowly from now on."""
        self._conn = conn
        self._ground.at(monotonic() + READ_S, lambda _: self._pause(conn))

    def stop(self) -> None:
        """The connection is not read any more."""
        self._conn = None

    def _pause(self, conn: Conn) -> None:
        if conn is self._conn and conn.transport is not None:
            conn.transport.pause_reading()
            self._ground.at(monotonic() + PAUSE_S, lambda _: self._read(conn))

    def _read(self, conn: Conn) -> None:
        if conn is self._conn and conn.transport is not None:
            conn.transport.resume_reading()
            self.start(conn)
