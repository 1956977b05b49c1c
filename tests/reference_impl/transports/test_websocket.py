from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed

from reference_impl.settings import Settings

from ..devices import Client, WsDevice, client, server

pytestmark = pytest.mark.sockets

WORDS = '[items=12 pace_ms=0 format="w{:02d}·é漢🙂"]'


async def closed_with(device: WsDevice) -> tuple[int, str]:
    """Read until the server closes the connection; its code and reason."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await device.read()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def test_one_connection_prompts_and_watches(phone: Client) -> None:
    async with phone.socket() as device:
        subscribed = await device.ask("subscribe")
        assert subscribed == {"type": "reply", "id": "1", "ok": True, "recovered": True, "epoch": subscribed["epoch"],
                              "head": 0}  # fmt: skip
        answer = await device.ask("prompt", key="k", text=WORDS)
        assert answer == {"type": "reply", "id": "2", "ok": True, "run": answer["run"], "duplicate": False}
        await device.until_ended()
        assert device.kinds() == ["user", "run-start", *["text"] * 12, "run-end"]
        assert {event["run"] for event in device.events} == {answer["run"]}
        assert device.text() == "".join(f"w{n:02d}·é漢🙂 " for n in range(1, 13))


async def test_the_wire_is_utf_8_and_never_escaped(phone: Client) -> None:
    async with phone.socket() as device:
        await device.ask("subscribe")
        await device.socket.send('{"type":"prompt","id":"é","key":"漢","text":"[items=1 format=\\"🙂{}\\"]"}')
        raw = [await device.socket.recv() for _ in range(6)]
    assert all(isinstance(frame, str) and "\\u" not in frame for frame in raw)
    assert any('"id":"é"' in frame for frame in raw if isinstance(frame, str))
    assert any('"text":"🙂1 "' in frame for frame in raw if isinstance(frame, str))


async def test_resuming_at_every_offset_gives_exactly_the_rest(phone: Client) -> None:
    await phone.prompt("k", WORDS)
    async with phone.socket() as device:
        epoch = (await device.ask("subscribe"))["epoch"]
        await device.until_ended()
    for offset in range(16):
        async with phone.socket() as device:
            reply = await device.ask("subscribe", cursor=f"{epoch}:{offset}")
            assert (reply["recovered"], reply["head"]) == (True, 15)
            await device.until(lambda screen: screen.messages[-1]["type"] == "caught-up")
        assert device.offsets() == list(range(offset + 1, 16))


async def test_a_device_cut_again_and_again_misses_nothing(phone: Client) -> None:
    await phone.prompt("k", "[items=60 pace_ms=2]")
    seen: list[int] = []
    cursor: str | None = None
    ended = False
    while not ended:
        async with phone.socket() as device:
            reply = await device.ask("subscribe", **({} if cursor is None else {"cursor": cursor}))
            assert reply["recovered"] is True
            await device.until(lambda screen: len(screen.events) >= 3 or screen.endings() != [])
            cursor, ended = device.cursor, bool(device.endings())
            seen += device.offsets()
            device.socket.transport.abort()
    assert seen == list(range(1, 64))


async def test_a_late_device_joins_in_the_middle_without_a_seam(phone: Client) -> None:
    async with phone.socket() as first, phone.socket() as late:
        await first.ask("subscribe")
        await first.ask("prompt", key="k", text="[items=60 pace_ms=3]")
        await first.until(lambda screen: len(screen.events) >= 20)
        reply = await late.ask("subscribe")
        await late.until_ended()
        await first.until_ended()
        assert late.events == first.events
        places = [message for message in late.messages if message["type"] == "caught-up"]
        assert places == [{"type": "caught-up", "cursor": f"{reply['epoch']}:{reply['head']}"}]


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        ("{epoch}:999", "future"),
        ("ffff:3", "foreign-epoch"),
        ("garbage", "malformed"),
        ("", "malformed"),
        (17, "malformed"),
    ],
)
async def test_a_cursor_that_cannot_be_continued_is_named(phone: Client, cursor: str | int, reason: str) -> None:
    await phone.prompt("k", WORDS)
    epoch = (await phone.get())["epoch"]
    async with phone.socket() as device:
        named = cursor.format(epoch=epoch) if isinstance(cursor, str) else cursor
        reply = await device.ask("subscribe", cursor=named)
        assert (reply["ok"], reply["recovered"], reply["gap"]) == (True, False, {"reason": reason})
        await device.until_ended()
        assert device.offsets() == list(range(1, 16))


async def test_from_the_tail_only_what_comes_is_sent(phone: Client) -> None:
    await phone.prompt("k", "[items=1 pace_ms=0]")
    async with phone.events() as watcher:
        await watcher.until_ended()
    async with phone.socket() as device:
        await device.ask("subscribe", **{"from": "tail"})
        await device.ask("prompt", key="k2", text=WORDS)
        await device.until_ended()
        assert device.offsets()[0] == watcher.offsets()[-1] + 1


async def test_commands_work_without_subscribing_and_nothing_else_is_sent(phone: Client) -> None:
    async with phone.socket() as device:
        first = await device.ask("prompt", key="k", text=WORDS)
        again = await device.ask("prompt", key="k", text=WORDS)
        assert (again["run"], again["duplicate"]) == (first["run"], True)
        assert (await device.ask("ping"))["ok"] is True
        assert [message["type"] for message in device.messages] == ["reply"] * 3


async def test_a_second_subscription_on_one_connection_is_refused(phone: Client) -> None:
    async with phone.socket() as device:
        await device.ask("subscribe")
        assert (await device.ask("subscribe"))["code"] == "subscribed"
        assert (await device.ask("ping"))["ok"] is True


@pytest.mark.parametrize(
    ("type_", "fields", "code"),
    [
        ("prompt", {"key": "k"}, "bad-request"),
        ("prompt", {"key": "", "text": "x"}, "bad-request"),
        ("prompt", {"key": 7, "text": "x"}, "bad-request"),
        ("prompt", {"key": "k" * 201, "text": "x"}, "bad-request"),
        ("prompt", {"key": "k", "text": "[items=no]"}, "bad-script"),
        ("stop", {}, "bad-request"),
        ("stop", {"run": "r_nobody"}, "unknown-run"),
    ],
)
async def test_a_refused_command_is_answered_by_name_and_the_connection_lives(
    phone: Client, type_: str, fields: dict[str, object], code: str
) -> None:
    async with phone.socket() as device:
        reply = await device.ask(type_, **fields)
        assert (reply["ok"], reply["code"]) == (False, code)
        assert reply["message"]
        assert (await device.ask("ping"))["ok"] is True


@pytest.mark.parametrize(
    "frame",
    [b"\x00binary", "not json", "[1]", '{"type":"ping"}', '{"type":"ping","id":1}', '{"type":"shout","id":"1"}',
     "[" * 20_000, '{"id":"1"}', '{"type":"ping","id":"\\ud83d"}'],
)  # fmt: skip
async def test_a_malformed_frame_closes_the_connection_by_name(phone: Client, frame: bytes | str) -> None:
    async with phone.socket() as device:
        await device.socket.send(frame)
        code, reason = await closed_with(device)
    assert code == 4400
    assert reason


async def test_a_message_that_is_too_large_closes_the_connection_by_name(phone: Client) -> None:
    async with phone.socket() as device:
        await device.socket.send(json.dumps({"type": "prompt", "id": "1", "key": "k", "text": "x" * 100_000}))
        assert (await closed_with(device))[0] == 1009


async def test_silence_is_filled_with_pings_subscribed_or_not() -> None:
    settings = Settings(heartbeat_s=0.05)
    async with server(settings=settings) as url, client(url) as phone, phone.socket() as idle, phone.socket() as device:
        await device.ask("subscribe")
        await device.ask("prompt", key="k", text="[items=2 pace_ms=0 silent_at=1 silent_ms=300]")
        await device.until_ended()
        await idle.until(lambda screen: screen.pings >= 4)
    assert 4 <= device.pings <= 7


async def test_leaving_is_not_stopping(phone: Client) -> None:
    async with phone.events() as witness:
        async with phone.socket() as device:
            await device.ask("subscribe")
            await device.ask("prompt", key="k", text="[items=30 pace_ms=3]")
            await device.until(lambda screen: len(screen.events) >= 5)
            device.socket.transport.abort()
        await witness.until_ended()
    assert witness.endings() == ["completed"]
    assert len(witness.text().split()) == 30


async def test_a_stop_and_a_prompt_in_one_breath(phone: Client) -> None:
    """Frames are carried out in the order they were sent, without waiting for the replies."""
    async with phone.socket() as device:
        await device.ask("subscribe")
        frames = [{"type": "prompt", "id": "a", "key": "k", "text": "[items=500 pace_ms=5]"},
                  {"type": "stop", "id": "b", "key": "k"},
                  {"type": "prompt", "id": "c", "key": "k2", "text": WORDS}]  # fmt: skip
        for frame in frames:
            await device.socket.send(json.dumps(frame))
        await asyncio.wait_for(device.until_ended(2), 2)
        assert device.endings() == ["stopped", "completed"]
        replies = {message["id"]: message for message in device.messages if message["type"] == "reply"}
        assert replies["b"]["ended"] is False
