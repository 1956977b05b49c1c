from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import cast

import pytest

from audit.faults.base import Direction
from audit.faults.end import WINDOW_BYTES, End, Refusal
from audit.faults.stage import How

from .wire import PATIENCE_S, Peer, eventually

pytestmark = pytest.mark.sockets


class Recorder:
    """An owner that keeps what it is told."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.bytes = bytearray()
        self.settled = asyncio.Event()
        self.open = asyncio.Event()

    def opened(self, end: End) -> None:
        self.open.set()

    def received(self, direction: Direction, data: bytes) -> None:
        self.bytes += data

    def ended(self, direction: Direction, how: How) -> None:
        self.log.append((direction, how))

    def regulate(self) -> None:
        self.log.append("regulate")

    def settle(self) -> None:
        self.settled.set()


@contextlib.asynccontextmanager
async def accepted_by(protocol: asyncio.Protocol) -> AsyncIterator[Peer]:
    """A raw socket whose other side is handled by the protocol."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol, "127.0.0.1", 0)
    peer = Peer(socket.socket())
    await loop.sock_connect(peer.sock, server.sockets[0].getsockname())
    try:
        yield peer
    finally:
        peer.close()
        server.close()
        if isinstance(protocol, End):
            protocol.abort()
            await settled(protocol)


async def settled(end: End) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await cast("Recorder", end._owner).settled.wait()


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[tuple[End, Recorder, Peer]]:
    owner = Recorder()
    end = End("up", owner)
    async with accepted_by(end) as peer:
        await owner.open.wait()
        yield end, owner, peer


async def test_bytes_and_fin_are_handed_to_the_owner() -> None:
    async with opened() as (_, owner, peer):
        await peer.send(b"question")
        peer.finish()
        await eventually(lambda: bool(owner.log))
        assert owner.bytes == b"question"
        assert owner.log == [("up", "fin")]


async def test_a_reset_by_the_peer_is_told_as_a_reset() -> None:
    async with opened() as (end, owner, peer):
        peer.reset()
        await settled(end)
        assert owner.log == [("up", "rst")]
        assert end.gone


async def test_an_end_that_goes_by_itself_is_no_news() -> None:
    async with opened() as (end, owner, peer):
        end.reset()
        assert await peer.rest() == (b"", "rst")
        await settled(end)
        assert owner.log == []


async def test_what_was_written_leaves_before_a_reset() -> None:
    async with opened() as (end, _, peer):
        assert end.write(b"last words")
        end.reset()
        assert await peer.rest() == (b"last words", "rst")


async def test_nothing_can_be_written_behind_a_fin() -> None:
    async with opened() as (end, _, peer):
        end.finish()
        assert not end.write(b"too late")
        assert await peer.rest() == (b"", "fin")


async def test_it_goes_when_both_sides_have_said_fin() -> None:
    async with opened() as (end, _, peer):
        end.finish()
        peer.finish()
        await settled(end)
        assert end.gone


async def test_hanging_up_discards_what_still_comes_then_resets_who_goes_on_sending() -> None:
    async with opened() as (end, owner, peer):
        end.write(b"goodbye")
        end.hang_up()
        await peer.send(b"wait!")
        assert await peer.rest() == (b"goodbye", "fin")
        await settled(end)
        assert owner.bytes == b""
        await peer.send(b"wait!!")
        with pytest.raises(BrokenPipeError):
            while True:
                await peer.send(b"wait!!!")


async def test_hanging_up_empties_a_socket_that_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.faults.end.LINGER_S", 60)
    async with opened() as (end, owner, peer):
        end.read(False)
        assert await peer.flood(bytes(20_000_000)) < 20_000_000
        end.hang_up()
        assert await peer.flood(bytes(20_000_000), PATIENCE_S) == 20_000_000
        assert owner.bytes == b""


async def test_hanging_up_on_a_slow_peer_lingers_until_it_has_taken_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.faults.end.LINGER_S", 0.001)
    async with opened() as (end, _, peer):
        said = bytes(range(256)) * 20_000
        end.write(said)
        end.hang_up()
        got = b""
        while len(got) < len(said) - 1_000_000:
            await peer.send(b"go on")  # to a socket that was closed already this would be answered by RST
            got += await peer.recv()
        assert await peer.rest() == (said[len(got) :], "fin")


async def test_what_is_said_before_it_is_open_is_said_then() -> None:
    owner = Recorder()
    end = End("down", owner)
    end.write(b"early ")
    end.write(b"bird")
    end.finish()
    async with accepted_by(end) as peer:
        assert await peer.rest() == (b"early bird", "fin")


async def test_too_much_said_early_makes_it_full_until_it_is_open() -> None:
    owner = Recorder()
    end = End("down", owner)
    end.write(bytes(WINDOW_BYTES))
    assert not end.full
    end.write(b"x")
    assert end.full
    assert owner.log == ["regulate"] * 2
    async with accepted_by(end) as peer:
        await peer.exactly(WINDOW_BYTES + 1)
        assert not end.full


async def test_given_up_before_it_is_open_it_resets_whoever_opens_it() -> None:
    end = End("up", Recorder())
    end.close()
    assert end.gone
    async with accepted_by(end) as peer:
        assert await peer.rest() == (b"", "rst")


async def test_a_peer_that_does_not_read_makes_it_full() -> None:
    async with opened() as (end, owner, peer):
        total = 0
        while not end.full:
            end.write(bytes(WINDOW_BYTES))
            total += WINDOW_BYTES
        assert total < 1_000_000
        assert owner.log == ["regulate"]
        await peer.exactly(total)
        assert not end.full
        assert owner.log == ["regulate"] * 2


async def test_an_end_that_is_not_read_pushes_its_peer_back() -> None:
    async with opened() as (end, owner, peer):
        end.read(False)
        sent = await peer.flood(bytes(20_000_000))
        assert sent < 1_000_000
        assert owner.bytes == b""
        end.read(True)
        await eventually(lambda: len(owner.bytes) == sent)


async def test_its_buffers_stay_small_however_fast_the_peer_has_been() -> None:
    async with opened() as (end, _, peer):
        await peer.send(bytes(30_000_000))
        end.read(False)
        assert await peer.flood(bytes(20_000_000)) < 1_000_000


async def test_its_socket_does_not_wait_to_fill_segments() -> None:
    async with opened() as (end, _, _):
        assert end._transport is not None
        sock = end._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_refusal_resets_and_then_says_so() -> None:
    refused = asyncio.Event()
    async with accepted_by(Refusal(refused.set)) as peer:
        assert await peer.rest() == (b"", "rst")
        assert refused.is_set()
