"""How WebSockets end, and what is not taken from them."""

from __future__ import annotations

import asyncio
import struct

import pytest
import websockets

from audit.adapters.base import Dial
from audit.connection import Client, Endpoint
from audit.errors import Oversized, ProtocolError
from audit.stream import Closed

from .servers import CLOSE, PING, PONG, TEXT, Script, Talk, frame, serving

pytestmark = pytest.mark.sockets


async def listened(script: Script) -> tuple[list[str | bytes], Closed]:
    """What a device hears of a script, and how it ends."""
    heard: list[str | bytes] = []
    gate = asyncio.Event()
    gate.set()
    async with serving(script) as server:
        client = Client(Endpoint(server.url, server.port))
        try:
            async with asyncio.timeout(5):
                stream = await client.dial(Dial("/ws"))
                try:
                    return heard, await stream.pump(heard.append, gate)
                finally:
                    await stream.close()
        finally:
            await client.close()


def close(code: int, reason: str = "") -> bytes:
    return frame(struct.pack("!H", code) + reason.encode(), CLOSE)


async def test_fin_without_a_close_frame() -> None:
    async def fin(talk: Talk) -> None:
        await talk.upgrade()
        await talk.frame("one")

    assert await listened(fin) == (["one"], Closed("fin"))


async def test_reset() -> None:
    async def reset(talk: Talk) -> None:
        await talk.upgrade()
        await asyncio.sleep(0.02)
        talk.reset()

    assert await listened(reset) == ([], Closed("rst"))


@pytest.mark.parametrize(
    ("last", "closed"),
    [
        (close(1000), Closed("clean", 1000)),
        (close(1001, "going away"), Closed("clean", 1001, "going away")),
        (close(4008, "too slow"), Closed("clean", 4008, "too slow")),
        (frame(b"", CLOSE), Closed("clean", 1005)),
    ],
)
@pytest.mark.parametrize("stays", [False, True], ids=["target-closes", "target-waits"])
async def test_a_close_frame_is_the_end_with_its_code(last: bytes, closed: Closed, stays: bool) -> None:
    async def say_goodbye(talk: Talk) -> None:
        await talk.upgrade()
        await talk.say(frame("one") + frame("two") + last)
        if stays:
            await talk.gone()

    assert await listened(say_goodbye) == (["one", "two"], closed)


async def test_messages_are_text_or_bytes_and_fragments_are_joined() -> None:
    han = "漢".encode()

    async def speak(talk: Talk) -> None:
        await talk.upgrade()
        await talk.say(frame("é"), frame(b"\x00\xff", 2))
        await talk.say(frame(han[:2], fin=False), frame(b"", 0, fin=False), frame(han[2:], 0))
        await talk.say(frame(b"?", PING), frame(b"!", PONG), close(1000))

    assert await listened(speak) == (["é", b"\x00\xff", "漢"], Closed("clean", 1000))


@pytest.mark.parametrize(
    ("bytes_", "code"),
    [
        (frame("x", 3), 1002),
        (frame("x", 0), 1002),
        (b"\x81\x81abcdx", 1002),
        (frame("a", fin=False) + frame("b"), 1002),
        (frame(bytes(200), PING), 1002),
        (frame(struct.pack("!H", 5), CLOSE), 1002),
        (b"\xc1\x01x", 1002),
        (frame(b"\xff\xfe"), 1007),
        (frame(b"\xed\xa0\x80"), 1007),
    ],
    ids=["opcode", "no-start", "masked", "interleaved", "long-ping", "bad-close", "rsv", "not-utf-8", "surrogate"],
)
async def test_what_the_protocol_does_not_allow_is_named_and_ends_it_at_once(bytes_: bytes, code: int) -> None:
    async def break_the_rules(talk: Talk) -> None:
        await talk.upgrade()
        await talk.say(bytes_)
        await talk.gone()

    with pytest.raises(ProtocolError, match=f"had to be closed with {code}: ."):
        await listened(break_the_rules)


async def test_a_frame_larger_than_a_device_holds_is_not_waited_for() -> None:
    async def boast(talk: Talk) -> None:
        await talk.upgrade()
        await talk.say(struct.pack("!BBQ", 0x80 | TEXT, 127, 50_000_000))
        await talk.gone()

    with pytest.raises(Oversized, match="1009: frame with 50000000 bytes"):
        await listened(boast)


async def test_a_message_of_endless_empty_fragments_is_not_collected() -> None:
    async def drip(talk: Talk) -> None:
        await talk.upgrade()
        await talk.frame("x", fin=False)
        while True:
            await talk.say(frame(b"", 0, fin=False) * 1_000)

    with pytest.raises(Oversized, match="too many fragments"):
        await listened(drip)


async def test_a_flood_of_pings_whose_answers_nobody_takes_is_ended() -> None:
    async def flood(talk: Talk) -> None:
        await talk.upgrade()
        talk.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while True:
            await talk.say(frame(bytes(125), PING) * 1_000)

    with pytest.raises(Oversized, match="flooded with pings"):
        await listened(flood)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Internal Server Error"])
async def test_a_refusal_is_told_with_its_status(status: str) -> None:
    async def refuse(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b'{"error":"not here"}', status)
        await talk.gone()

    with pytest.raises(websockets.InvalidStatus) as refused:
        await listened(refuse)
    assert refused.value.response.status_code == int(status[:3])


@pytest.mark.parametrize(
    ("head", "endless"),
    [
        (b"garbage\r\n\r\n", b""),
        (b"HTTP/1.1 101 x\r\n", b"A: b\r\n" * 1_000),
        (b"HTTP/1.1 101 x\r\nA: ", b"b" * 65_536),
        (b"HTTP/1.1 500 x\r\n\r\n", b"x" * 65_536),
    ],
    ids=["garbage", "endless-lines", "endless-line", "endless-body"],
)
async def test_nonsense_instead_of_an_upgrade_is_refused_at_once(head: bytes, endless: bytes) -> None:
    async def babble(talk: Talk) -> None:
        await talk.request()
        await talk.say(head)
        while endless:
            await talk.say(endless)
        await talk.gone()

    with pytest.raises(websockets.InvalidMessage):
        await listened(babble)


async def test_a_wrong_accept_key_is_refused() -> None:
    async def pretend(talk: Talk) -> None:
        await talk.upgrade("bm90IHRoZSBrZXkgdGhhdCBpcyBtZWFudA==")
        await talk.gone()

    with pytest.raises(websockets.InvalidHandshake, match="Sec-WebSocket-Accept"):
        await listened(pretend)


async def test_sending_on_a_dead_socket_is_a_connection_error() -> None:
    async def fin(talk: Talk) -> None:
        await talk.upgrade()

    gate = asyncio.Event()
    gate.set()
    async with serving(fin) as server:
        client = Client(Endpoint(server.url, server.port))
        stream = await client.dial(Dial("/ws"))
        assert await stream.pump(lambda _: None, gate) == Closed("fin")
        with pytest.raises(ConnectionResetError, match="the socket is closed"):
            await stream.send("hello")
        await client.close()
