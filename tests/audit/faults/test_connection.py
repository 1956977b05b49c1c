"""What a connection does before its target answers: the rest shows in test_link and test_wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from audit.faults import Close, Reset, Stall
from audit.faults.end import End

from .wire import Wire, eventually, wired

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
