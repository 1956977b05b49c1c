"""Everything that came is read, though the poll tells of it once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from audit.load.wire import plain
from audit.load.wire.plain import PlainTransport
from audit.load.wire.poll import FEW_BYTES, Poll, can_poll

from .owners import Owner
from .test_conn import Plain

pytestmark = [pytest.mark.sockets, pytest.mark.skipif(not can_poll(), reason="no epoll here")]
PATIENCE_S = 5.0
MANY = 8_192


class Pair:
    """A transport over one end of a connection, and the other end, which writes and waits."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.other = socket.create_connection(listening.getsockname())
            ours, _ = listening.accept()
        ours.setblocking(False)
        self.owner = Owner()
        self.conn = Plain(self.owner)
        self.transport = PlainTransport(Poll(asyncio.get_running_loop()), ours, self.conn)
        self.conn.transport = self.transport

    async def until(self, size: int) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            while len(found := b"".join(self.owner.taken)) < size:
                self.owner.heard.clear()
                await self.owner.heard.wait()
        return found


@asynccontextmanager
async def connected() -> AsyncIterator[Pair]:
    pair = Pair()
    yield pair
    pair.conn.hang_up()
    pair.other.close()


@pytest.mark.parametrize("size", [1, FEW_BYTES - 1, FEW_BYTES, FEW_BYTES + 1, FEW_BYTES + MANY, 3 * MANY])
async def test_all_that_is_there_is_read_and_the_end_after_it(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MANY_BYTES", MANY)
    sent = bytes(each % 251 for each in range(size))
    async with connected() as pair:
        _send_and_end(pair.other, sent)  # all of it is there before the loop looks
        assert await pair.until(size) == sent
        async with asyncio.timeout(PATIENCE_S):
            await pair.owner.over.wait()
        assert pair.owner.ends == ["fin"]


async def test_all_that_is_there_is_read_though_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MANY_BYTES", MANY)
    async with connected() as pair:
        pair.other.sendall(bytes(3 * MANY))
        assert len(await pair.until(3 * MANY)) == 3 * MANY


async def test_what_came_during_a_pause_is_read_after_it() -> None:
    async with connected() as pair:
        pair.transport.pause_reading()
        pair.other.sendall(b"x" * (FEW_BYTES + 1))
        await asyncio.sleep(0.02)
        assert not pair.owner.taken
        pair.transport.resume_reading()
        assert len(await pair.until(FEW_BYTES + 1)) == FEW_BYTES + 1


async def test_who_pauses_in_the_middle_of_a_history_gets_the_rest_later() -> None:
    size = 1 << 20
    async with connected() as pair:
        take = pair.owner.take

        def pausing(data: bytes, at: float) -> None:
            take(data, at)
            pair.transport.pause_reading()
            asyncio.get_running_loop().call_soon(pair.transport.resume_reading)

        pair.owner.take = pausing  # type: ignore[method-assign]
        writing = asyncio.get_running_loop().run_in_executor(None, pair.other.sendall, bytes(size))
        assert len(await pair.until(size)) == size
        await writing


def _send_and_end(sock: socket.socket, data: bytes) -> None:
    sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
