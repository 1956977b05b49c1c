"""Connections that are asked for without an event loop's help."""

from __future__ import annotations

import _socket
import asyncio
import socket

import pytest

from audit.load.wire.connecting import Connecting
from audit.load.wire.poll import Poll, can_poll

pytestmark = [pytest.mark.sockets, pytest.mark.skipif(not can_poll(), reason="no epoll here")]
PATIENCE_S = 5.0


def socket_of_ours() -> _socket.socket:
    found = _socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setblocking(False)
    return found


async def test_over_loopback_it_stands_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told: list[OSError | None] = []
        sock = socket_of_ours()
        Connecting(Poll(asyncio.get_running_loop()), sock, server.getsockname(), told.append).start()
        assert told == [None]
        sock.close()


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        told: list[OSError | None] = []
        sock = socket_of_ours()
        Connecting(Poll(asyncio.get_running_loop()), sock, taken.getsockname(), told.append).start()
        assert [type(error) for error in told] == [ConnectionRefusedError]
        assert sock.fileno() < 0


async def test_a_server_that_has_no_room_is_waited_for_and_may_be_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        poll, told = Poll(asyncio.get_running_loop()), list[OSError | None]()
        first = [socket_of_ours() for _ in range(4)]
        on_their_way = [Connecting(poll, sock, server.getsockname(), told.append) for sock in first]
        for each in on_their_way:
            each.start()
        stood = len(told)
        assert 0 < stood < len(first)
        on_their_way[-1].cancel()
        accepted = [server.accept()[0] for _ in range(stood)]
        async with asyncio.timeout(PATIENCE_S):
            while len(told) < len(first) - 1:  # noqa: ASYNC110 - the kernel asks again, a second later
                await asyncio.sleep(0.01)
        assert told == [None] * (len(first) - 1)
        for accepting in accepted:
            accepting.close()
        for sock in first:
            sock.close()
