"""Cuts, as the other side of a real socket sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from audit.errors import ProtocolError
from audit.load.churn import CUTS
from audit.load.wire.conn import Conn
from audit.load.wire.dial import Dialer, Place

from .owners import Owner

pytestmark = pytest.mark.sockets
PATIENCE_S = 5.0


class Plain(Conn):
    """A connection that takes every byte as it is."""

    __slots__ = ()

    def greet(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")

    def take(self, data: bytes, at: float) -> None:
        if data == b"garbage":
            raise ProtocolError("garbage")
        assert isinstance(self.owner, Owner)
        self.owner.take(data, at)


class Server:
    """Keeps its connections, and how each one ended: the bytes it brought, or the error."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.ends: asyncio.Queue[bytes | str] = asyncio.Queue()
        self.came = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.came.set()
        try:
            self.ends.put_nowait(await reader.read())
        except ConnectionResetError:
            self.ends.put_nowait("rst")

    async def ended(self) -> bytes | str:
        async with asyncio.timeout(PATIENCE_S):
            return await self.ends.get()


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, Dialer]]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    place = Place("127.0.0.1", port, "127.0.0.1", f"127.0.0.1:{port}", "", {}, "", None)
    try:
        yield server, Dialer(place, "app", [], 1)
    finally:
        for writer in server.writers:
            writer.transport.abort()
        listening.close()


async def opened(server: Server, dialer: Dialer) -> tuple[Plain, Owner]:
    owner = Owner()
    conn = Plain(owner)
    dialer.open(conn, 0)
    async with asyncio.timeout(PATIENCE_S):
        await server.came.wait()
        server.writers[0].write(b"hi")
        await owner.heard.wait()
    return conn, owner


async def test_what_comes_is_taken_with_its_instant() -> None:
    async with serving() as (server, dialer):
        conn, owner = await opened(server, dialer)
        assert owner.taken == [b"hi"]
        assert owner.instants[0] > 0
        conn.hang_up()
        await server.ended()


@pytest.mark.parametrize(("how", "seen"), [("fin", b"hello"), ("rst", "rst")])
async def test_a_cut_is_seen_as_what_it_is(how: str, seen: bytes | str) -> None:
    async with serving() as (server, dialer):
        conn, owner = await opened(server, dialer)
        conn.cut(how)  # type: ignore[arg-type]
        assert await server.ended() == seen
        conn.hang_up()
        assert not owner.ends


async def test_silence_leaves_the_connection_open_and_reads_no_more() -> None:
    async with serving() as (server, dialer):
        conn, owner = await opened(server, dialer)
        conn.cut("silence")
        server.writers[0].write(b"more")
        await asyncio.sleep(0.05)
        assert (owner.taken, owner.ends, server.ends.qsize()) == ([b"hi"], [], 0)
        conn.hang_up()
        assert await server.ended() in (b"hello", "rst")


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_the_other_side_may_end_it_too(how: str) -> None:
    async with serving() as (server, dialer):
        _, owner = await opened(server, dialer)
        if how == "rst":
            Conn.cut(_other_end(server.writers[0]), "rst")
        else:
            server.writers[0].close()
        async with asyncio.timeout(PATIENCE_S):
            await owner.over.wait()
        assert owner.ends == [how]
        await server.ended()


def _other_end(writer: asyncio.StreamWriter) -> Conn:
    conn = Plain(Owner())
    conn.transport = cast("asyncio.Transport", writer.transport)
    return conn


async def test_what_a_protocol_forbids_ends_it_and_nothing_else() -> None:
    async with serving() as (server, dialer):
        _, owner = await opened(server, dialer)
        server.writers[0].write(b"garbage")
        async with asyncio.timeout(PATIENCE_S):
            await owner.over.wait()
        assert owner.ends == ["garbage"]
        await server.ended()


async def test_a_connection_that_has_just_been_asked_for_can_be_cut() -> None:
    async with serving() as (server, dialer):
        owner = Owner()
        for how in CUTS:
            conn = Plain(owner)
            dialer.open(conn, 0)
            conn.cut(how)
            conn.hang_up()
        await asyncio.sleep(0.05)
        assert not owner.ends
        while server.writers and server.ends.qsize() < len(server.writers):
            await server.ended()
