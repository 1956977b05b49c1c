"""Servers with a planted defect, and devices that follow a session on either transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reference_impl.mutants import MUTANTS, Mutant
from reference_impl.server import build_app, listening
from reference_impl.session.frames import Form

from ..devices import Client, Screen, SseDevice, WsDevice, client


def mutant(id: str) -> Mutant:
    return next(each for each in MUTANTS if each.id == id)


@asynccontextmanager
async def serving(id: str, rate: float) -> AsyncIterator[str]:
    """A running server that shows the defect at this rate; gives its URL."""
    async with listening(build_app(parts=mutant(id).parts(rate)), "127.0.0.1", 0) as url:
        yield url


@asynccontextmanager
async def mutated(id: str, rate: float) -> AsyncIterator[Client]:
    """A client of such a server."""
    async with serving(id, rate) as url, client(url) as phone:
        yield phone


@asynccontextmanager
async def following(phone: Client, form: Form, cursor: str | None = None) -> AsyncIterator[SseDevice | WsDevice]:
    """A device that joins the session, or resumes it."""
    if form == "sse":
        async with phone.events(cursor=cursor) as stream:
            yield stream
    else:
        async with phone.socket() as socket:
            await socket.ask("subscribe", **({} if cursor is None else {"cursor": cursor}))
            yield socket
            socket.socket.transport.abort()  # a closing handshake would wait until everything is read


async def finished(phone: Client, script: str) -> list[str]:
    """Run a prompt to its end; the cursors of the log, from the place before its first event on."""
    await phone.prompt("k", script)
    async with phone.events() as witness:
        await witness.until_ended()
    epoch, head = witness.events[0]["epoch"], len(witness.events)
    return [f"{epoch}:{offset}" for offset in range(head + 1)]


async def caught_up(phone: Client, form: Form, cursor: str | None = None) -> Screen:
    """What a device is sent until it is told that history is over."""
    async with following(phone, form, cursor) as device:
        await device.until(lambda screen: screen.messages[-1:] != [] and screen.messages[-1]["type"] == "caught-up")
    return device


def words(*numbers: int) -> str:
    return "".join(f"tok-{number:04d} " for number in numbers)
