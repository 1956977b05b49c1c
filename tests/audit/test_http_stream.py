"""How the stream of a response ends on a real socket: told apart, and told truthfully."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from audit.adapters.base import Call
from audit.connection import Client, Endpoint
from audit.errors import ProtocolError
from audit.stream import Closed, Stream

from .servers import LAST_CHUNK, STREAM, Script, Talk, eventually, serving

pytestmark = pytest.mark.sockets

UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n"
BROKEN_OFF = "in the middle of the response"


class Reading:
    """A stream that is being read."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.taken = bytearray()
        self.gate = asyncio.Event()
        self.gate.set()
        self.end = asyncio.create_task(stream.pump(self._take, self.gate))

    def _take(self, data: str | bytes) -> None:
        assert isinstance(data, bytes)
        self.taken += data

    async def until(self, data: bytes) -> None:
        await eventually(lambda: self.taken == data)


@contextlib.asynccontextmanager
async def reading(script: Script) -> AsyncIterator[Reading]:
    """The stream that `script` answers with."""
    async with serving(script) as server:
        client = Client(Endpoint(server.url, server.port))
        response = await client.call(Call("GET", "/", stream=True))
        assert response.stream is not None
        made = Reading(response.stream)
        try:
            yield made
        finally:
            await made.stream.close()
            made.end.cancel()
            await asyncio.gather(made.end, return_exceptions=True)
            await client.close()


@pytest.mark.parametrize(
    ("head", "said", "by_fin", "by_rst"),
    [
        (STREAM, b"3\r\none\r\n", Closed("fin", reason=BROKEN_OFF), Closed("rst", reason=BROKEN_OFF)),
        (COUNTED, b"one", Closed("fin", reason=BROKEN_OFF), Closed("rst", reason=BROKEN_OFF)),
        # without a length FIN is the proper end of a body, and a reset is not (RFC 9112, 8)
        (UNTIL_CLOSED, b"one", Closed("clean"), Closed("rst")),
    ],
    ids=["chunked", "counted", "until-closed"],
)
@pytest.mark.parametrize("reset", [False, True], ids=["fin", "rst"])
async def test_fin_and_rst_are_told_apart(
    head: bytes, said: bytes, by_fin: Closed, by_rst: Closed, reset: bool
) -> None:
    go = asyncio.Event()

    async def end(talk: Talk) -> None:
        await talk.request()
        await talk.say(head, said)
        await go.wait()
        if reset:
            talk.reset()

    async with reading(end) as stream:
        await stream.until(b"one")
        go.set()
        assert await stream.end == (by_rst if reset else by_fin)


@pytest.mark.parametrize(
    ("head", "rest"),
    [(STREAM, b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), (COUNTED, b"one two 3")],
    ids=["chunked", "counted"],
)
async def test_a_proper_end_is_clean_though_the_connection_is_reset_after_it(head: bytes, rest: bytes) -> None:
    async def end(talk: Talk) -> None:
        await talk.request()
        await talk.say(head, rest)
        await asyncio.sleep(0.02)
        talk.reset()

    async with reading(end) as stream:
        assert await stream.end == Closed("clean")


@pytest.mark.parametrize(
    "garbage",
    [b"zz\r\noops\r\n", b"-5\r\noops\r\n", b"f" * 40 + b"\r\n", b"\x00\xff\r\n", b"3\r\nfooXX"],
    ids=["letters", "negative", "overflow", "bytes", "no-line-end"],
)
async def test_a_chunk_size_that_is_none_is_a_breach_of_protocol_not_a_silence(garbage: bytes) -> None:
    async def spoil(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(b"one")
        await seen.wait()
        await talk.say(garbage)
        await talk.gone()

    seen = asyncio.Event()
    async with reading(spoil) as stream:
        await stream.until(b"one")
        seen.set()
        with pytest.raises(ProtocolError, match="the response is not HTTP"):
            await asyncio.wait_for(stream.end, 5)


async def test_a_whole_body_of_invalid_chunks_is_a_breach_too() -> None:
    async def spoil(talk: Talk) -> None:
        await talk.request()
        await talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await talk.chunk(b"one")
        await asyncio.sleep(0.02)
        await talk.say(b"zz\r\n")
        await talk.gone()

    async with serving(spoil) as server:
        client = Client(Endpoint(server.url, server.port))
        with pytest.raises(ProtocolError, match="not HTTP"):
            await asyncio.wait_for(client.call(Call("GET", "/")), 5)
        await client.close()


async def test_hanging_up_is_local_whatever_comes_of_it() -> None:
    async def stay(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.gone()

    async with reading(stay) as stream:
        await asyncio.sleep(0)
        await stream.stream.close()
        assert await asyncio.wait_for(stream.end, 5) == Closed("local")


async def test_nothing_is_read_while_the_gate_is_shut() -> None:
    """Not even off the socket: the target must feel that nobody reads."""
    sent = 0

    async def pour(talk: Talk) -> None:
        nonlocal sent
        await talk.request()
        await talk.say(STREAM)
        while sent < 24 << 20:
            await talk.chunk(bytes(1 << 16))
            sent += 1 << 16
        await talk.say(LAST_CHUNK)

    async with reading(pour) as stream:
        await eventually(lambda: bool(stream.taken))
        stream.gate.clear()
        taken = len(stream.taken)
        before = -1
        while before != sent:  # until every buffer on the way is full
            before = sent
            await asyncio.sleep(0.1)
        assert len(stream.taken) == taken
        assert sent < 16 << 20
        stream.gate.set()
        assert await asyncio.wait_for(stream.end, 10) == Closed("clean")
        assert len(stream.taken) == sent
