"""TLS passes through a link untouched: names are checked against the target's, cuts land after whole events."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from audit.faults import Close, Fault, Reset
from audit.faults.link import Link

from .certificate import contexts

pytestmark = pytest.mark.sockets

NAME = "staging.example.test"
SEEN = 5


def event(number: int) -> bytes:
    return f"data: événement {number} 漢字\n\n".encode()


@dataclass
class Secure:
    """A TLS target behind a link. It says one event for each permission."""

    link: Link
    client: ssl.SSLContext
    permits: asyncio.Semaphore

    def url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.link.port}/"


@contextlib.asynccontextmanager
async def behind_link(port: int, client: ssl.SSLContext, permits: asyncio.Semaphore) -> AsyncIterator[Secure]:
    link = await Link.open("127.0.0.1", port, rng=Random(1))
    try:
        yield Secure(link, client, permits)
    finally:
        await link.close()


@contextlib.asynccontextmanager
async def sse_target(folder: Path) -> AsyncIterator[Secure]:
    server, client = contexts(NAME, folder)
    permits = asyncio.Semaphore(SEEN)

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for number in range(1, SEEN + 2):
                await permits.acquire()
                await response.write(event(number))
        return response

    app = web.Application()
    app.router.add_get("/", stream)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server)
    await site.start()
    try:
        async with behind_link(runner.addresses[0][1], client, permits) as secure:
            yield secure
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def socket_target(folder: Path) -> AsyncIterator[Secure]:
    server, client = contexts(NAME, folder)
    permits = asyncio.Semaphore(SEEN)

    async def stream(connection: ServerConnection) -> None:
        for number in range(1, SEEN + 2):
            await permits.acquire()
            await connection.send(event(number).decode())

    async with (
        serve(stream, "127.0.0.1", 0, ssl=server) as listening,
        behind_link(next(iter(listening.sockets)).getsockname()[1], client, permits) as secure,
    ):
        yield secure


# -- aiohttp -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Close(), Reset()])
async def test_an_https_stream_is_cut_after_the_event_that_was_seen(tmp_path: Path, fault: Fault) -> None:
    async with (
        sse_target(tmp_path) as secure,
        aiohttp.ClientSession() as session,
        session.get(secure.url("https"), ssl=secure.client, server_hostname=NAME) as response,
    ):
        assert response.status == 200
        whole = b"".join(event(number) for number in range(1, SEEN + 1))
        assert await response.content.readexactly(len(whole)) == whole
        await secure.link.inject(fault)
        secure.permits.release()
        with pytest.raises(aiohttp.ClientError):
            await response.content.readany()


async def test_a_wrong_name_is_refused_through_the_link_as_without_it(tmp_path: Path) -> None:
    async with sse_target(tmp_path) as secure, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(secure.url("https"), ssl=secure.client, server_hostname="other.example.test")
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(secure.url("https"), ssl=secure.client)


# -- websockets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "cause"), [(Close(), EOFError), (Reset(), ConnectionResetError)])
async def test_a_secure_websocket_is_cut_after_the_event_that_was_seen(
    tmp_path: Path, fault: Fault, cause: type[Exception]
) -> None:
    async with (
        socket_target(tmp_path) as secure,
        connect(f"wss://{NAME}/", host="127.0.0.1", port=secure.link.port, ssl=secure.client, proxy=None) as connection,
    ):
        for number in range(1, SEEN + 1):
            assert await connection.recv() == event(number).decode()
        await secure.link.inject(fault)
        secure.permits.release()
        with pytest.raises(ConnectionClosedError) as closed:
            await connection.recv()
        assert isinstance(closed.value.__cause__, cause)


async def test_a_websocket_to_a_wrong_name_is_refused(tmp_path: Path) -> None:
    async with socket_target(tmp_path) as secure:
        with pytest.raises(ssl.SSLCertVerificationError):
            async with connect(
                "wss://other.example.test/", host="127.0.0.1", port=secure.link.port, ssl=secure.client, proxy=None
            ):
                pass
