"""A device's way to its target: a TCP relay on loopback on which faults really happen.

One link a device. It sees bytes only, so TLS passes untouched: the device dials `127.0.0.1:port` and checks the
certificate against the target's own name. Every operation returns when the sockets concerned have been told.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from random import Random
from typing import Literal, TypeAlias

from ..errors import Unreachable
from .base import Fault
from .connection import Connection
from .end import End, Refusal, narrow_socket
from .stage import How

State: TypeAlias = Literal["armed", "struck", "lifted"]
Receipt: TypeAlias = Callable[[State, Fault, int | None, int, int], None]
"""(state, fault, connection, up_bytes, down_bytes), called the moment it is so.

`armed` and `lifted` come once an injection, with no connection and the bytes that the link has passed on so far;
`struck` once for each connection that the fault really took hold of, with the bytes passed on over that one until then.
Without a `struck` the fault did not happen.
"""

_BACKLOG = 1024
_HOME, _ROAMING = "127.0.0.1", "127.0.0.2"  # Linux has all of 127.0.0.0/8; other systems only the first


class Link:
    """Open one with `Link.open`; close it, or its sockets stay.

    port: where the device dials, on 127.0.0.1. connections: how many were ever let in.
    """

    port: int
    _server: asyncio.Server

    def __init__(self, upstream: list[str], upstream_port: int, rng: Random, receipt: Receipt) -> None:
        self.connections = 0
        self._upstream, self._upstream_port = upstream, upstream_port
        self._seed = rng.getrandbits(64)
        self._receipt = receipt
        self._arrivals = 0
        self._live: set[Connection] = set()
        self._passed_up = self._passed_down = 0  # by connections that are gone
        self._faults: list[Fault] = []
        self._offline = False
        self._closed = False
        self._source: tuple[str, int] | None = None
        self._narrow = False
        self.struck = 0  # how often a fault has met a connection

    @classmethod
    async def open(
        cls, upstream_host: str, upstream_port: int, *, rng: Random, receipt: Receipt = lambda *_: None
    ) -> Link:
        """Listen on a free port of 127.0.0.1. The target's name is resolved here, once, as a device's cache would.

        Raises Unreachable when the name cannot be resolved; whether anything answers there shows when a device dials.
        """
        link = cls(await _resolve(upstream_host, upstream_port), upstream_port, rng, receipt)
        loop = asyncio.get_running_loop()
        link._server = await loop.create_server(link._arrive, "127.0.0.1", 0, backlog=_BACKLOG)
        link.port = link._server.sockets[0].getsockname()[1]
        return link

    @property
    def bytes_up(self) -> int:
        """Bytes passed on from the device to the target, over all connections."""
        return self._passed_up + sum(connection.passed["up"] for connection in self._live)

    @property
    def bytes_down(self) -> int:
        """Bytes passed on from the target to the device, over all connections."""
        return self._passed_down + sum(connection.passed["down"] for connection in self._live)

    async def inject(self, fault: Fault) -> None:
        """Put a fault on, behind those that are on already; it takes hold of live and of new connections as it says."""
        self._faults.append(fault)
        self._receipt("armed", fault, None, self.bytes_up, self.bytes_down)
        if fault.reaches != "new":
            for connection in self._in_order():
                connection.attach(fault)
        await _told()

    async def lift(self, fault: Fault) -> None:
        """Take a fault off (all that have these settings). Lifting what is not on does nothing."""
        if fault not in self._faults:
            return
        self._faults = [other for other in self._faults if other != fault]
        for connection in self._in_order():
            connection.lift(fault)
        self._receipt("lifted", fault, None, self.bytes_up, self.bytes_down)
        await _told()

    async def cut_all(self, how: How = "rst") -> None:
        """End all connections on both sides, now. Not a fault: no receipt."""
        for connection in self._in_order():
            connection.cut(how)
        await _told()

    async def offline(self) -> None:
        """The device's network is gone, as when its interface goes down.

        Its connections are reset at once on its own side (that is a local error) while the target hears nothing: no
        FIN, no RST, and what it sends is not taken. New connections are reset.
        """
        self._offline = True
        for connection in self._in_order():
            connection.darken()
        await _told()

    async def online(self) -> None:
        """The network is back: new connections pass, and the target's side of the old ones is reset."""
        if self._offline:
            self._offline = False
            for connection in self._in_order():
                connection.lighten()
            await _told()

    def narrow(self, on: bool) -> None:
        """From now on new connections buffer as little as possible on the way to the device, so that the target soon
        feels a slow reader; or all of them as usual again."""
        self._narrow = on
        if not on:
            for connection in self._in_order():
                connection.widen()

    def roam(self) -> str:
        """The device is on another network: from now on the target sees it come from another address, where this
        machine has one to give (127.0.0.2, for a target on 127.0.0.1). That address, or "" where only the port is new.
        """
        self._source = (_ROAMING, 0) if self._upstream == [_HOME] and sys.platform == "linux" else None
        return self._source[0] if self._source else ""

    async def close(self) -> None:
        """Stop listening and end every connection; when it returns nothing of the link is left."""
        self._closed = True
        self._server.close()
        going = self._in_order()
        for connection in going:
            connection.close()
        await asyncio.gather(*(connection.done for connection in going))
        await self._server.wait_closed()

    def _arrive(self) -> asyncio.Protocol:
        """A device's connection was accepted: let it in, or refuse it."""
        if self._offline or self._closed:
            return Refusal(lambda: None)
        self._arrivals += 1
        refusing, number = [fault for fault in self._faults if fault.refuses], self._arrivals
        if refusing:
            return Refusal(lambda: self._refused(refusing, number))
        self.connections += 1
        connection = Connection(
            number,
            seed=self._seed,
            connect=self._dial,
            on_open=self._opened,
            on_struck=self._struck,
            on_done=self._done,
        )
        self._live.add(connection)
        return connection.device

    def _refused(self, refusing: list[Fault], number: int) -> None:
        for fault in refusing:
            self._receipt("struck", fault, number, 0, 0)

    async def _dial(self, end: End) -> None:
        """Try the target's addresses in turn; OSError of the last when none answers."""
        for address in self._upstream[:-1]:
            try:
                await self._connect(end, address)
            except OSError:
                continue
            return
        await self._connect(end, self._upstream[-1])

    async def _connect(self, end: End, address: str) -> None:
        loop = asyncio.get_running_loop()
        if not self._narrow:
            await loop.create_connection(lambda: end, address, self._upstream_port, local_addr=self._source)
            return
        made = narrow_socket(address)
        try:
            await loop.sock_connect(made, (address, self._upstream_port))
            await loop.create_connection(lambda: end, sock=made)
        except BaseException:
            made.close()
            raise

    def _opened(self, connection: Connection) -> None:
        for fault in self._faults:
            if fault.reaches != "live":
                connection.attach(fault)

    def _struck(self, connection: Connection, fault: Fault) -> None:
        self.struck += 1
        self._receipt("struck", fault, connection.number, connection.passed["up"], connection.passed["down"])

    def _done(self, connection: Connection) -> None:
        self._live.discard(connection)
        self._passed_up += connection.passed["up"]
        self._passed_down += connection.passed["down"]

    def _in_order(self) -> list[Connection]:
        return sorted(self._live, key=lambda connection: connection.number)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"{host}: the name cannot be resolved ({error})") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _told() -> None:
    """A turn of the loop, in which sockets that are being reset are closed."""
    await asyncio.sleep(0)
