from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from audit.load.wire.http1 import Exchange
from audit.load.wire.poll import Poll
from audit.load.wire.stamped import StampedTransport, can_stamp

from .owners import Owner

pytestmark = [pytest.mark.sockets, pytest.mark.skipif(not can_stamp(), reason="no stamps here")]
PATIENCE_S = 5.0


class Pair:
    """A stamped connection and the other end of it."""

    def __init__(self, owner: Owner, conn: Exchange, transport: StampedTransport, other: socket.socket) -> None:
        self.owner, self.conn, self.transport, self.other = owner, conn, transport, other

    async def hear(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.owner.heard.wait()
        self.owner.heard.clear()


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sock = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    sock.setblocking(False)
    other.setblocking(False)
    owner = Owner()
    conn = Exchange(owner, b"GET", stream=True)
    transport = StampedTransport(Poll(asyncio.get_running_loop()), sock, conn, [])
    conn.connection_made(transport)
    yield Pair(owner, conn, transport, other)
    transport.abort()
    other.close()
    await asyncio.sleep(0)


async def test_what_the_kernel_does_not_take_at_once_goes_out_later(pair: Pair) -> None:
    sent = bytes(range(256)) * 40_000
    pair.transport.write(sent[:100])
    pair.transport.write(sent[100:])
    pair.transport.write_eof()
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE_S):
        while data := await loop.sock_recv(pair.other, 1 << 20):
            found += data
    assert found == b"GET" + sent


async def test_reading_can_be_paused(pair: Pair) -> None:
    pair.other.send(b"HTTP/1.1 200 OK\r\n\r\nfirst")
    await pair.hear()
    pair.transport.pause_reading()
    pair.other.send(b"second")
    await asyncio.sleep(0.02)
    assert pair.owner.taken == [b"first"]
    pair.transport.resume_reading()
    await pair.hear()
    assert pair.owner.taken == [b"first", b"second"]


async def test_a_fin_is_the_end(pair: Pair) -> None:
    pair.other.recv(100)  # what is closed unread is reset
    pair.other.send(b"HTTP/1.1 200 OK\r\n\r\nall")
    pair.other.close()
    async with asyncio.timeout(PATIENCE_S):
        await pair.owner.over.wait()
    assert (pair.owner.taken, pair.owner.ends) == ([b"all"], ["clean"])
    assert pair.transport.is_closing()


async def test_a_reset_is_told_as_one(pair: Pair) -> None:
    pair.other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    pair.other.close()
    async with asyncio.timeout(PATIENCE_S):
        await pair.owner.over.wait()
    assert pair.owner.ends == ["rst"]


async def test_after_its_end_nothing_happens(pair: Pair) -> None:
    pair.transport.close()
    pair.transport.write(b"x")
    pair.transport.write_eof()
    pair.transport.pause_reading()
    pair.transport.resume_reading()
    pair.transport.abort()
    assert pair.transport.get_extra_info("nothing", 1) == 1
