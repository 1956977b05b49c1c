"""One of the two sockets of a connection that goes through a link: how to write, pause, end and kill it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Protocol, cast

from .base import Direction
from .stage import How

WINDOW_BYTES = 64 * 1024
LINGER_S = 0.2
_KERNEL_BYTES = 128 * 1024
_LEAST_BYTES = 16 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Owner(Protocol):
    """The connection an end belongs to."""

    def opened(self, end: End) -> None:
        """The end has its socket."""
        ...

    def received(self, direction: Direction, data: bytes) -> None:
        """Bytes came in."""
        ...

    def ended(self, direction: Direction, how: How) -> None:
        """The peer said FIN, or reset."""
        ...

    def regulate(self) -> None:
        """The end takes bytes again, or no longer."""
        ...

    def settle(self) -> None:
        """The end is gone."""
        ...


def narrow_socket(address: str) -> socket.socket:
    """A socket for which the kernel holds little that was not read yet. That has to be settled before it connects: a
    window that was offered once cannot be taken back."""
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LEAST_BYTES)
    made.setblocking(False)
    return made


class End(asyncio.Protocol):
    """One socket. `direction` is that of the bytes which come in here; what is written goes the other way.

    It may be written to and finished before it is open: what was said is said once it is.
    """

    def __init__(self, direction: Direction, owner: Owner) -> None:
        self.direction = direction
        self.gone = False
        self.hung_up = False
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._early = bytearray()
        self._crowded = False
        self._ended = False
        self._finished = False
        self._ours = False  # this side ends it, so that its loss is no news
        self._linger: asyncio.TimerHandle | None = None

    @property
    def opened(self) -> bool:
        """Has it ever had its socket?"""
        return self._transport is not None

    @property
    def full(self) -> bool:
        """More waits to be written than should: whoever feeds it should stop reading."""
        return self._crowded or len(self._early) > WINDOW_BYTES

    # -- asyncio.Protocol ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.Transport", transport)
        if self.gone:
            _reset(self._transport)
            return
        _tune(self._transport)
        early, self._early = bytes(self._early), bytearray()
        if early:
            self._transport.write(early)
        if self._finished:
            self._transport.write_eof()
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came in; after hanging up they are read only so that they do not turn our FIN into a RST."""
        if not self.hung_up:
            self._owner.received(self.direction, data)

    def eof_received(self) -> bool:
        """The peer said FIN. Keeps the socket: TCP can be half closed."""
        self._ended = True
        self._owner.ended(self.direction, "fin")
        if self._finished:
            self.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, by the peer's reset unless this side ended it."""
        if not self._ours:
            self._owner.ended(self.direction, "fin" if exc is None else "rst")
        self._vanish()

    def pause_writing(self) -> None:
        """Too much waits to be written."""
        self._crowded = True
        self._owner.regulate()

    def resume_writing(self) -> None:
        """Room again."""
        self._crowded = False
        self._owner.regulate()

    # -- what the connection does to it ----------------------------------------------------------------------------

    def write(self, data: bytes) -> bool:
        """Send bytes; False when nobody is there to take them."""
        if self._transport is None:
            self._early += data
            self._owner.regulate()
        elif self._finished or self._transport.is_closing():
            return False
        else:
            self._transport.write(data)
        return True

    def widen(self) -> None:
        """Let the kernel hold as much as usual of what comes in here, where it was told to hold little."""
        if self._transport is not None:
            _set(self._transport, socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
            if hasattr(socket, "TCP_WINDOW_CLAMP"):
                _set(self._transport, socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, _KERNEL_BYTES)

    def read(self, wanted: bool) -> None:
        """Read from the socket, or leave it to fill up and slow its sender down."""
        transport = self._transport
        if transport is None or self._ended or transport.is_closing() or transport.is_reading() is wanted:
            return
        if wanted:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def finish(self) -> None:
        """Send FIN behind what was written; the socket goes when the peer has said FIN too."""
        self._finished = True
        if self._transport is not None and not self._transport.is_closing():
            with contextlib.suppress(OSError):  # the peer has reset it, and its loss is on the way
                self._transport.write_eof()
            if self._ended:
                self.close()

    def hang_up(self) -> None:
        """Send FIN and go: a lingering close (RFC 9112 section 9.6), so that a RST cannot overtake what was written.

        The socket is read and emptied for LINGER_S, and until all is written; whoever still sends after that is told by
        RST, as everyone is who sends to a program that closed its socket.
        """
        self.hung_up = True
        self.finish()
        self.read(True)
        if self._linger is None and not self.gone:
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._let_go)

    def reset(self) -> None:
        """Kill the socket with RST. What its peer has not taken yet is lost with it."""
        if self._transport is None:
            self.close()
        elif not self.gone:
            self._ours = True
            _reset(self._transport)

    def close(self) -> None:
        """Let go of the socket; what was written is still sent."""
        self._ours = True
        if self._transport is None:
            self._vanish()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Let go of the socket at once."""
        self.close()
        if self._transport is not None:
            self._transport.abort()

    def _let_go(self) -> None:
        """Close once everything is written: a socket that is closed reads no more, and answers what comes by RST."""
        if self._transport is not None and self._transport.get_write_buffer_size():
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._let_go)
        else:
            self.close()

    def _vanish(self) -> None:
        self.gone = True
        if self._linger is not None:
            self._linger.cancel()
        self._owner.settle()


def _tune(transport: asyncio.Transport) -> None:
    """Bounded buffers: with the kernel's own, a slow reader goes unnoticed for megabytes. TCP_NODELAY is on already."""
    transport.set_write_buffer_limits(high=WINDOW_BYTES)
    _set(transport, socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
    sock = cast("socket.socket", transport.get_extra_info("socket"))
    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > 2 * _LEAST_BYTES:  # else it is narrow on purpose
        _set(transport, socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)


def _set(transport: asyncio.Transport, level: int, option: int, value: int | bytes) -> None:
    with contextlib.suppress(OSError):  # a socket that its peer has reset takes no options, and needs none
        cast("socket.socket", transport.get_extra_info("socket")).setsockopt(level, option, value)


def _reset(transport: asyncio.Transport) -> None:
    """Only SO_LINGER (1, 0) makes close(2) send RST."""
    _set(transport, socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


class Refusal(asyncio.Protocol):
    """Resets a socket before a byte of it is read, then says so.

    A closed port would answer the SYN itself with RST (ECONNREFUSED); then nobody here would know that anyone had
    come, there would be no receipt, and another process could take the port. So the handshake succeeds and the first
    read or write fails with ECONNRESET, as behind a balancer whose backend is down.
    """

    def __init__(self, refused: Callable[[], None]) -> None:
        self._refused = refused

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        _reset(cast("asyncio.Transport", transport))
        self._refused()
