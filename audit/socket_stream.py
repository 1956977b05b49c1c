"""WebSockets: opened without a detour, read within bounds, and with the truth about how they ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import websockets
from websockets.asyncio.client import ClientConnection, connect

from .errors import Oversized, ProtocolError
from .stream import Closed, died

FRAME_LIMIT = 4 * 1024 * 1024
ANSWERS_LIMIT = 1024 * 1024  # of pongs that the target does not take


class Dialing(connect):
    """Opens a WebSocket and follows no redirect: where a target sends its users is for the audit to see."""

    def process_redirect(self, exc: Exception) -> Exception:
        """The refusal itself."""
        return exc


class SocketConnection(ClientConnection):
    """Ends where the target ended it; the library would wait for the target to close the TCP connection as well.

    flooded: the target sent more pings than it took answers to.
    """

    flooded = False

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        super().data_received(data)
        self.flooded = self.transport.get_write_buffer_size() > ANSWERS_LIMIT
        broken = self.protocol.parser_exc is not None or self.protocol.handshake_exc is not None
        if self.flooded or broken:
            self.transport.abort()
        elif self.protocol.close_rcvd is not None:
            self.transport.close()


@dataclass
class SocketStream:
    """One WebSocket as a live stream."""

    connection: SocketConnection
    hung_up: bool = False
    framed: bool = True

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        """Hand every message to `take`; see `Stream`."""
        try:
            while True:
                await gate.wait()
                message = await self.connection.recv()
                await gate.wait()
                take(message)
        except websockets.ConnectionClosed as closed:
            return Closed("local") if self.hung_up else self._end(closed)

    async def send(self, text: str) -> None:
        """Send a text frame."""
        try:
            await self.connection.send(text)
        except websockets.ConnectionClosed as closed:
            raise ConnectionResetError(f"the socket is closed ({closed})") from closed

    async def close(self) -> None:
        """Hang up, without a closing handshake: so does a page that goes away."""
        self.hung_up = True
        self.connection.transport.abort()

    def _end(self, closed: websockets.ConnectionClosed) -> Closed:
        if self.connection.flooded:
            raise Oversized("the socket was flooded with pings, and the answers were not taken")
        if closed.sent is not None and not closed.rcvd_then_sent:
            raise _refused(int(closed.sent.code), closed.sent.reason)
        if closed.rcvd is not None:
            return Closed("clean", int(closed.rcvd.code), closed.rcvd.reason)
        return Closed(died(closed))


def _refused(code: int, reason: str) -> ProtocolError:
    """What we did not take from the target: RFC 6455, 7.4.1 has the codes."""
    kind = Oversized if code == websockets.CloseCode.MESSAGE_TOO_BIG else ProtocolError
    return kind(f"the socket had to be closed with {code}: {reason or 'a protocol error'}")
