"""One connection of a load device: what it tells its owner, and the ways it can be cut."""

from __future__ import annotations

import _socket
import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol, TypeAlias, cast

from ...errors import AuditError
from ..churn import Cut
from .forecast import UNKNOWN, Forecast, Seer

Sink: TypeAlias = Callable[[bytes, float], Seer | None]  # gives who can tell, after it, what comes next
Expecting: TypeAlias = Callable[[Forecast], None]
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s: the only way to send RST (socket(7))
_STREAM = (int(socket.AF_INET), int(socket.SOCK_STREAM), socket.IPPROTO_TCP)
_SOCKET, _LINGER = socket.SOL_SOCKET, socket.SO_LINGER


class Owner(Protocol):
    """Whoever opened a connection. Times are of the monotonic clock, in seconds."""

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        """The response is known. headers: lower-case names. For a stream that was opened, body is empty and what
        follows goes to the sink that is given; without one the connection is hung up."""
        ...

    def closed(self, conn: Conn, how: str) -> None:
        """The connection is over, and not by `cut`: `clean` (the protocol's own end, with its code), `fin`, `rst`,
        `refused`, or what was wrong with its bytes. Called once, last."""
        ...


class Opens(Protocol):
    """Whoever opens a connection."""

    def cancel(self) -> None:
        """Nobody wants it any more."""
        ...


class Conn(asyncio.Protocol):
    """What HTTP and WebSocket connections share. Subclasses read; `take` is called once a read.

    spoke: it was open, so that a request may have arrived.
    """

    __slots__ = ("_expecting", "_forecast", "_opening", "owner", "sink", "spoke", "transport")

    def __init__(self, owner: Owner) -> None:
        self.owner: Owner | None = owner
        self.sink: Sink | None = None
        self.transport: asyncio.Transport | None = None
        self.spoke = False
        self._opening: Opens | None = None
        self._forecast: Forecast = UNKNOWN
        self._expecting: Expecting | None = None

    # -- asyncio's side -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The TCP connection (and TLS) stands: speak."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one, but does not inherit from it
        if self.owner is None:
            self.transport.abort()
        else:
            self.spoke = True
            self.greet()

    def data_received(self, data: bytes) -> None:
        """Bytes came, by the application's clock."""
        self.received(data, monotonic())

    def received(self, data: bytes, at: float) -> None:
        """Bytes came, at a known instant. What a target breaks ends its connection, nothing else."""
        forecast = self._forecast
        if data == forecast.coming:
            forecast.came(data, at)
        elif self.owner is not None:
            self._expect(UNKNOWN)
            try:
                self.take(data, at)
            except AuditError as error:
                self.over(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.transport = None
        if self.owner is not None:
            self.lost("rst" if isinstance(exc, ConnectionResetError | BrokenPipeError) else "fin")

    # -- for subclasses -------------------------------------------------------------------------------------------

    def greet(self) -> None:
        """Say what is to be said first."""
        raise NotImplementedError

    def take(self, data: bytes, at: float) -> None:
        """Read. AuditError for what the protocol does not allow."""
        raise NotImplementedError

    def lost(self, how: str) -> None:
        """The transport ended; say so."""
        self.over(how)

    def over(self, how: str) -> None:
        """Tell the owner, once, and hang up."""
        owner = self.owner
        self.hang_up()
        if owner is not None:
            owner.closed(self, how)

    # -- for the owner --------------------------------------------------------------------------------------------

    def opens(self, opening: Opens) -> None:
        """It is on its way; who opens it tells `dialed`."""
        self._opening = opening

    def dialed(self, error: Exception | None) -> None:
        """The attempt to open it is over, whatever came of it."""
        self._opening = None
        if error is not None and self.owner is not None:
            self.over(_refusal(error))

    def cut(self, how: Cut) -> None:
        """The device's network goes away; nothing of this connection is seen any more. fin and silence leave a socket
        behind, which `hang_up` lets go."""
        self._let_go()
        transport = self.transport
        if transport is None:
            self.hang_up()
        elif how == "silence":
            transport.pause_reading()
        elif how == "fin" and transport.can_write_eof():
            with contextlib.suppress(OSError):
                transport.write_eof()
        elif how == "fin":
            transport.close()
        else:
            reset(transport)

    def hang_up(self) -> None:
        """Let go of the socket, whatever state it is in. The owner is told nothing."""
        self._let_go()
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self.transport is not None:
            self.transport.abort()

    def foreseen_by(self, expecting: Expecting | None) -> None:
        """Tell this one every forecast, now and when it is another: who compares for itself what came need not call
        `received` when it is what was foreseen."""
        self._expecting = expecting
        if expecting is not None:
            expecting(self._forecast)

    def foreseen(self, seer: Seer | None, data: bytes) -> None:
        """A read brought one message and nothing else: what will the next one bring?"""
        if seer is not None and self.owner is not None:
            self._expect(seer.foresee(data) or UNKNOWN)

    def _let_go(self) -> None:
        self.owner = self.sink = None
        self._expect(UNKNOWN)

    def _expect(self, forecast: Forecast) -> None:
        if forecast is not self._forecast:
            self._forecast = forecast
            if self._expecting is not None:
                self._expecting(forecast)


def reset(transport: asyncio.Transport) -> None:
    """Close so that the other side sees RST."""
    sock = transport.get_extra_info("socket")
    if isinstance(sock, _socket.socket):
        sock.setsockopt(_SOCKET, _LINGER, RESET_ON_CLOSE)
    elif sock is not None:
        _reset_on_close(sock.fileno())
    transport.abort()


def _reset_on_close(descriptor: int) -> None:
    """Set it on the descriptor itself: what uvloop gives for a socket duplicates itself for every option. Of which
    family it is does not matter to this one."""
    if descriptor < 0:
        return
    same = _socket.socket(_STREAM[0], _STREAM[1], _STREAM[2], descriptor)
    try:
        same.setsockopt(_SOCKET, _LINGER, RESET_ON_CLOSE)
    except OSError:
        pass  # it is gone already
    finally:
        same.detach()


def _refusal(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionResetError):
        return "rst"
    name = type(error).__name__
    return f"{name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else name
