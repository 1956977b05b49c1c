"""A connection that is over is freed by reference counts alone (reference_impl/garbage.py says why that matters)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from reference_impl.transports.stream import Stream

from ..devices import eventually, server

pytestmark = pytest.mark.sockets

HANDSHAKE = (
    "GET /v1/sessions/s/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
REQUEST = "GET /v1/sessions/s/events HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is freed but by reference counts."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> int:
    """What a connection is made of here, of all connections together."""
    return sum(isinstance(each, Stream | web.WebSocketResponse | web.Request) for each in gc.get_objects())


async def hang_up(url: str, request: str, before: int) -> None:
    """Connect, wait until a stream is there, and be gone."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request.encode())
    await reader.readuntil(b"\r\n\r\n")
    await eventually(lambda: alive() > before + 1)
    writer.transport.abort()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("request_text", [HANDSHAKE, REQUEST], ids=["websocket", "sse"])
async def test_a_connection_leaves_nothing_for_the_collector(request_text: str) -> None:
    async with server() as url:
        before = alive()  # what a test that failed elsewhere still holds
        for _ in range(3):
            await hang_up(url, request_text, before)
            await eventually(lambda: alive() == before)
