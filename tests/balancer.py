"""A plain TCP balancer: a connection goes to the next server, or to the one after it when that cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

_PIECE = 64 * 1024


class Balancer:
    """ports: of the servers on this machine. dealt: how many connections each of them got."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.dealt = dict.fromkeys(ports, 0)
        self._turn = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: what comes goes on, both ways, until either side ends."""
        try:
            behind, towards = await self._connect()
        except ConnectionError:
            writer.transport.abort()
            return
        ways = {asyncio.create_task(_pipe(reader, towards)), asyncio.create_task(_pipe(behind, writer))}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (towards, writer):
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self.dealt:
            port = tuple(self.dealt)[self._turn % len(self.dealt)]
            self._turn += 1
            with suppress(OSError):
                connected = await asyncio.open_connection("127.0.0.1", port)
                self.dealt[port] += 1
                return connected
        raise ConnectionRefusedError


@asynccontextmanager
async def balancing(ports: Sequence[int]) -> AsyncIterator[tuple[Balancer, int]]:
    """A balancer over these servers, and its own port."""
    balancer = Balancer(ports)
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
    async with server:
        yield balancer, server.sockets[0].getsockname()[1]


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
