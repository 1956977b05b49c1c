"""What a connection does before its target answers: the rest shows in test_link and test_wire."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from audit.faults import Close, Reset, Stall
from audit.faults.connection import Connection
from audit.faults.end import End

from .wire import PATIENCE_S, Peer, Wire, eventually, wired

pytestmark = pytest.mark.sockets


@contextlib.asynccontextmanager
async def slow_target() -> AsyncIterator[tuple[Wire, asyncio.Event]]:
    """A wire whose target is only dialed once the event is set."""
    answers = asyncio.Event()
    async with wired() as wire:
        dial = wire.link._dial

        async def wait_and_dial(end: End) -> None:
            await answers.wait()
            await dial(end)

        wire.link._dial = wait_and_dial  # type: ignore[method-assign]
        yield wire, answers


async def test_what_was_said_before_the_target_answered_is_said_then() -> None:
    async with slow_target() as (wire, answers):
        device = await wire.dial()
        await device.send(b"early question")
        device.finish()
        assert not await wire.knocks()
        answers.set()
        assert await (await wire.accept()).rest() == (b"early question", "fin")


async def test_an_impatient_device_is_pushed_back() -> None:
    data = bytes(range(256)) * 20_000
    async with slow_target() as (wire, answers):
        device = await wire.dial()
        sent = await device.flood(data)
        assert sent < len(data)
        answers.set()
        assert await (await wire.accept()).exactly(sent) == data[:sent]


async def test_a_device_that_leaves_is_not_announced() -> None:
    async with slow_target() as (wire, answers):
        device = await wire.dial()
        await eventually(lambda: bool(wire.link._live))
        device.reset()
        await eventually(lambda: not wire.link._live)
        answers.set()
        assert not await wire.knocks()


@pytest.mark.parametrize("how", ["rst", "fin"])
async def test_a_cut_before_the_target_answered(how: str) -> None:
    async with slow_target() as (wire, _):
        device = await wire.dial()
        await eventually(lambda: bool(wire.link._live))
        fault = Close() if how == "fin" else Reset()
        await wire.link.inject(fault)
        assert await device.rest() == (b"", how)
        assert wire.states(fault) == [("armed", None), ("struck", 1)]
        await eventually(lambda: not wire.link._live)


async def test_offline_before_the_target_answered() -> None:
    async with slow_target() as (wire, answers):
        device = await wire.dial()
        await eventually(lambda: bool(wire.link._live))
        await wire.link.offline()
        assert await device.rest() == (b"", "rst")
        await eventually(lambda: not wire.link._live)
        answers.set()
        assert not await wire.knocks()


async def test_closing_the_link_before_the_target_answered() -> None:
    async with slow_target() as (wire, _):
        device = await wire.dial()
        await eventually(lambda: any(connection.device.opened for connection in wire.link._live))
        await wire.link.close()
        assert await device.rest() == (b"", "fin")


async def test_a_fault_injected_before_the_target_answered_holds() -> None:
    async with slow_target() as (wire, answers):
        device = await wire.dial()
        await eventually(lambda: bool(wire.link._live))
        await wire.link.inject(Stall())
        await device.send(b"question")
        answers.set()
        server = await wire.accept()
        assert await server.silent()
        await wire.link.lift(Stall())
        assert await server.exactly(8) == b"question"


# -- cut, and after ------------------------------------------------------------------------------------------------


async def test_a_target_that_floods_is_let_run_dry_after_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.faults.end.LINGER_S", 60)
    async with wired() as wire:
        _, server = await wire.pair()
        await wire.link.inject(Stall())
        assert await server.flood(bytes(8_000_000)) < 2_000_000
        await wire.link.inject(Close())
        assert await server.flood(bytes(8_000_000), PATIENCE_S) == 8_000_000


async def test_nothing_happens_to_the_target_of_an_offline_device() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Stall())
        await device.send(b"held")
        assert await server.silent()
        await wire.link.offline()
        await wire.link.inject(Close())
        await wire.link.lift(Stall())
        assert await server.silent()
        assert wire.states(Close()) == [("armed", None)]


@pytest.mark.parametrize("what", ["cut", "darken", "close"])
async def test_over_before_the_device_is_there_the_target_is_not_dialed(what: str) -> None:
    dialed = []

    async def connect(end: End) -> None:
        dialed.append(end)

    connection = Connection(
        1, seed=1, connect=connect, on_open=lambda _: None, on_struck=lambda *_: None, on_done=lambda _: None
    )
    connection.cut("fin") if what == "cut" else getattr(connection, what)()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: connection.device, "127.0.0.1", 0)
    device = Peer(socket.socket())
    await loop.sock_connect(device.sock, server.sockets[0].getsockname())
    assert await device.rest() == (b"", "fin" if what == "cut" else "rst")
    device.close()
    await connection.done
    server.close()
    assert dialed == []
