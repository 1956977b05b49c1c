"""Whatever a device sends on its WebSocket, it is answered by name; and another device does not notice."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from reference_impl.access.gate import Access
from reference_impl.access.limits import Limits
from reference_impl.access.tokens import Verifier, mint, secret_key

from ..devices import SseDevice, client, server

pytestmark = pytest.mark.sockets

KEY = secret_key(b"a secret of thirty-two bytes, or more")
ACCESS = Access(Verifier(KEY), limits=Limits(session_commands_per_s=None, subject_commands_per_s=40.0, burst_s=1.0))
CODES = {
    "bad-request", "bad-script", "bad-prompt", "busy", "unknown-run", "unknown-approval", "subscribed", "forbidden",
    "unauthorized", "rate-limited",
}  # fmt: skip
CLOSES = {4400, 1009}

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_values = _scalars | st.lists(_scalars, max_size=3) | st.dictionaries(st.text(max_size=5), _scalars, max_size=3)
_RIGHT: dict[str, dict[str, Any]] = {
    "subscribe": {},
    "prompt": {"key": "k", "text": "[items=1 pace_ms=0]"},
    "stop": {"run": "r_0"},
    "steer": {"run": "r_0", "key": "k", "text": "x"},
    "approve": {"approval": "q_0", "granted": True},
    "renew": {"token": "x"},
    "ping": {},
}
_names = ["key", "text", "run", "approval", "granted", "by", "policy", "cursor", "from", "presence", "token", "extra"]
_likely = st.sampled_from(
    ["k", "[items=1 pace_ms=0]", "r_0", "q_0", "tail", "fold", "queue", "reject", "0a:1", True, 7]
)


def _frame(type_: str, fields: dict[str, Any]) -> str:
    return json.dumps({"id": "f", "type": type_} | _RIGHT[type_] | fields)


_commands = st.builds(
    _frame, st.sampled_from(list(_RIGHT)), st.dictionaries(st.sampled_from(_names), _likely | _values, max_size=4)
)
_malformed = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40),
    _values.map(json.dumps),
    st.sampled_from(["[" * 5_000, '{"id":"' + "x" * 70_000 + '"}', '{"id":"f","type":"ping"', '{"type":"ping"}']),
)
_frames = st.builds(lambda good, bad: good + bad, st.lists(_commands, max_size=8), st.lists(_malformed, max_size=1))


def answered(socket: ClientConnection, ident: str) -> dict[str, Any]:
    """The reply to a frame, past the events that come in between."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=10))
        if message["type"] == "reply" and message["id"] == ident:
            return message


def play(url: str, frames: list[str | bytes]) -> None:
    """Send the frames one after the other: each is answered by name, or closes the connection by name."""
    with connect(url, proxy=None, close_timeout=1) as socket:
        try:
            for frame in frames:
                socket.send(frame)
                reply = answered(socket, "f")
                assert reply["ok"] is True or (reply["code"] in CODES and reply["message"]), (frame, reply)
            socket.send('{"type":"ping","id":"last"}')
            assert answered(socket, "last")["ok"] is True
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "cut without a word"
            assert closed.rcvd.code in CLOSES, closed.rcvd


async def read_on(device: SseDevice) -> None:
    while await device.read():
        pass


@pytest.mark.parametrize("scopes", [("read", "prompt", "control"), ("read",)])
async def test_every_frame_is_answered_by_name_and_no_other_device_notices(scopes: tuple[Any, ...]) -> None:
    async with server(access=ACCESS) as url, client(url, token=mint(KEY, "s", ("read", "prompt"), 60)) as phone:
        place = f"{phone.path.replace('http', 'ws', 1)}/ws?token={mint(KEY, 's', scopes, 60, 'fuzz')}"

        @settings(max_examples=60, deadline=None, derandomize=True, database=None)
        @given(_frames)
        def fuzz(frames: list[str | bytes]) -> None:
            play(place, frames)

        async with phone.events() as device:
            reading = asyncio.create_task(read_on(device))
            await phone.prompt("witness", "[items=50 pace_ms=10]")
            await asyncio.to_thread(fuzz)
            run = (await phone.prompt("last", "[items=1 pace_ms=0]"))["run"]
            while not any(event["kind"] == "run-end" and event["run"] == run for event in device.events):
                assert not reading.done()
                await asyncio.sleep(0.01)
            reading.cancel()
        assert device.offsets() == list(range(1, len(device.events) + 1))
        assert device.text(device.events[0]["run"]) == "".join(f"tok-{n:04d} " for n in range(1, 51))
        if "prompt" not in scopes:
            assert device.kinds().count("user") == 2, "somebody prompted without the scope"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x81\x02hi",  # not masked
        b"\xf1\x80\0\0\0\0",  # reserved bits
        b"\x83\x80\0\0\0\0",  # reserved opcode
        b"\x09\x80\0\0\0\0",  # a ping in pieces
        b"\x81\x82\0\0\0\0\xff\xfe",  # not UTF-8
        b"\x80\x80\0\0\0\0",  # goes on with nothing
        b"\x81\xff" + b"\x7f" * 8 + b"\0\0\0\0",  # announces more than there is memory
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_websocket_is_closed(raw: bytes) -> None:
    async with server() as url, client(url) as phone, phone.events() as device:
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            b"GET /v1/sessions/s/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        writer.write(raw)
        told = await asyncio.wait_for(reader.read(), 5)
        assert told[:1] == b"\x88", told
        assert int.from_bytes(told[2:4], "big") in {1002, 1003, 1007, 1009, 4400}
        writer.close()
        await phone.prompt("k", "[items=1 pace_ms=0]")
        await device.until_ended()
