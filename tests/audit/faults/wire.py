"""A target and devices made of plain sockets, with a link between them: what really happens on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from audit.faults import Fault
from audit.faults.link import Link, State

PATIENCE_S = 10.0
SILENCE_S = 0.04


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody is told of."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Peer:
    """One raw socket, so that FIN (`b""`) and RST (ECONNRESET) cannot be confused."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        sock.setblocking(False)
        # else the kernel takes megabytes from a sender before it pushes back
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def recv(self, limit: int = 65_536) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.get_running_loop().sock_recv(self.sock, limit)

    async def exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = await self.recv(min(65_536, count - len(got)))
            assert more, f"FIN after {len(got)} of {count} bytes"
            got += more
        return got

    async def rest(self) -> tuple[bytes, Literal["fin", "rst"]]:
        """Everything until the end, and what kind of end."""
        got = b""
        while True:
            try:
                more = await self.recv()
            except ConnectionResetError:
                return got, "rst"
            if not more:
                return got, "fin"
            got += more

    async def silent(self, seconds: float = SILENCE_S) -> bool:
        """Does nothing at all arrive for a while: no byte, no FIN, no RST?"""
        try:
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().sock_recv(self.sock, 1)
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False
        return False

    async def flood(self, data: bytes, patience_s: float = 0.1) -> int:
        """Send until nobody takes any more; how many bytes that was."""
        sent, loop = 0, asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            while sent < len(data):
                writable = asyncio.Event()
                loop.add_writer(self.sock, writable.set)
                try:
                    async with asyncio.timeout(patience_s):
                        await writable.wait()
                finally:
                    loop.remove_writer(self.sock)
                sent += self.sock.send(data[sent : sent + 65_536])
        return sent

    def finish(self) -> None:
        """FIN; the other direction stays open."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()


@dataclass
class Wire:
    """A listening target, a link to it, and the receipts of what happened on the link."""

    target: socket.socket
    link: Link
    receipts: list[tuple[State, Fault, int | None, int, int]] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)

    async def dial(self) -> Peer:
        """A device connects to the link."""
        device = Peer(socket.socket())
        self.peers.append(device)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.get_running_loop().sock_connect(device.sock, ("127.0.0.1", self.link.port))
        return device

    async def accept(self) -> Peer:
        """The target accepts what the link dialed."""
        async with asyncio.timeout(PATIENCE_S):
            sock, _ = await asyncio.get_running_loop().sock_accept(self.target)
        self.peers.append(Peer(sock))
        return self.peers[-1]

    async def pair(self) -> tuple[Peer, Peer]:
        """A device and its other end at the target, with a byte exchanged both ways."""
        device = await self.dial()
        server = await self.accept()
        await device.send(b"?")
        assert await server.exactly(1) == b"?"
        await server.send(b"!")
        assert await device.exactly(1) == b"!"
        return device, server

    async def knocks(self, seconds: float = SILENCE_S) -> bool:
        """Does anybody connect to the target within a while?"""
        try:
            async with asyncio.timeout(seconds):
                sock, _ = await asyncio.get_running_loop().sock_accept(self.target)
        except TimeoutError:
            return False
        sock.close()
        return True

    def states(self, fault: Fault) -> list[tuple[State, int | None]]:
        return [(state, number) for state, other, number, *_ in self.receipts if other == fault]

    def strikes(self, fault: Fault) -> list[tuple[int, int]]:
        """(up_bytes, down_bytes) of each strike."""
        return [(up, down) for state, other, _, up, down in self.receipts if other == fault and state == "struck"]


def listening(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(family)
    sock.setblocking(False)
    sock.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536
    )  # else the kernel takes megabytes before it pushes back
    sock.bind((host, 0))
    sock.listen(256)
    return sock


@contextlib.asynccontextmanager
async def wired(seed: int = 1) -> AsyncIterator[Wire]:
    """A wire that is put away afterwards."""
    target, receipts = listening(), list[tuple[State, Fault, int | None, int, int]]()
    link = await Link.open(
        "127.0.0.1", target.getsockname()[1], rng=Random(seed), receipt=lambda *receipt: receipts.append(receipt)
    )
    wire = Wire(target, link, receipts)
    try:
        yield wire
    finally:
        for peer in wire.peers:
            peer.close()
        target.close()
        await link.close()
