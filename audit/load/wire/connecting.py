"""TCP connections opened without the event loop: over loopback one stands as soon as it was asked for."""

from __future__ import annotations

import _socket
import os
from collections.abc import Callable
from errno import EALREADY, EINPROGRESS, EISCONN
from typing import TypeAlias

from .poll import WRITE, Poll, Polled

Connected: TypeAlias = Callable[[OSError | None], None]


class Connecting(Polled):
    """A non-blocking socket on its way. connected: told once, that it stands (None) or why it does not, by `start` or
    later; not when it was cancelled. Until then the socket is its own, and closed when nothing comes of it."""

    __slots__ = ("_address", "_connected", "_poll", "_sock")

    def __init__(self, poll: Poll, sock: _socket.socket, address: tuple[str, int], connected: Connected) -> None:
        self._poll, self._sock, self._address, self._connected = poll, sock, address, connected

    def start(self) -> None:
        """Ask for it, and ask again whether it stands already."""
        error = self._sock.connect_ex(self._address)
        if error == EINPROGRESS:
            error = self._sock.connect_ex(self._address)
        if error in (EINPROGRESS, EALREADY):
            self._poll.watch(self._sock.fileno(), WRITE, self)
        else:
            self._over(error)

    def cancel(self) -> None:
        """Nobody wants it any more."""
        self._poll.forget(self._sock.fileno())
        self._sock.close()

    def ready(self, events: int, at: float) -> None:
        """Is it there?"""
        error = self._sock.connect_ex(self._address)
        if error not in (EINPROGRESS, EALREADY):
            self._poll.watch(self._sock.fileno(), 0, self)
            self._over(error)

    def _over(self, error: int) -> None:
        if error in (0, EISCONN):
            self._connected(None)
        else:
            self._sock.close()
            self._connected(OSError(error, os.strerror(error)))
