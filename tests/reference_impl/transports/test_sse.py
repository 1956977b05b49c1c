from __future__ import annotations

import pytest

from reference_impl.settings import Settings

from ..devices import Client, client, server

pytestmark = pytest.mark.sockets

WORDS = '[items=12 pace_ms=0 format="w{:02d}·é漢🙂"]'
TEXT = "".join(f"w{n:02d}·é漢🙂 " for n in range(1, 13))


async def finished(phone: Client, script: str = WORDS) -> str:
    """Run a prompt to its end; the log's epoch."""
    await phone.prompt("k", script)
    async with phone.events() as device:
        await device.until_ended()
    return str(device.events[0]["epoch"])


async def test_a_stream_tells_where_it_is_then_history_then_live(phone: Client) -> None:
    await finished(phone)
    async with phone.events() as device:
        await device.until(lambda screen: screen.messages[-1:] != [] and screen.messages[-1]["type"] == "caught-up")
        assert device.fields[0]["event"] == "subscribed"
        head = device.events[-1]["offset"]
        epoch = device.events[-1]["epoch"]
        assert device.messages[0] == {"type": "subscribed", "recovered": True, "epoch": epoch, "head": head}
        assert device.offsets() == list(range(1, head + 1))
        assert device.messages[-1] == {"type": "caught-up", "cursor": f"{epoch}:{head}"}
        await phone.prompt("k2", WORDS)
        await device.until_ended(2)
    assert device.offsets() == list(range(1, 2 * head + 1))
    assert device.text() == TEXT * 2
    for fields, message in zip(device.fields, device.messages, strict=True):
        if message["type"] == "event":
            assert (fields["id"], fields["event"]) == (f"{message['epoch']}:{message['offset']}", message["kind"])


async def test_resuming_at_every_offset_gives_exactly_the_rest(phone: Client) -> None:
    epoch = await finished(phone)
    head = (await phone.get())["head"]
    for offset in range(head + 1):
        async with phone.events(cursor=f"{epoch}:{offset}") as device:
            await device.until(lambda screen: screen.messages[-1:] != [] and screen.messages[-1]["type"] == "caught-up")
        assert device.messages[0]["recovered"] is True
        assert device.offsets() == list(range(offset + 1, head + 1))


async def test_a_device_cut_at_every_event_while_the_agent_speaks_misses_nothing(phone: Client) -> None:
    await phone.prompt("k", "[items=40 pace_ms=2]")
    seen: list[int] = []
    cursor: str | None = None
    while True:
        async with phone.events(cursor=cursor) as device:
            before = len(seen)
            await device.until(lambda screen: len(screen.events) >= 1)
            cursor = device.cursor
            seen += device.offsets()
            assert len(seen) > before
        if "run-end" in device.kinds():
            break
    assert seen == list(range(1, 44))


async def test_a_late_device_joins_in_the_middle_without_a_seam(phone: Client) -> None:
    await phone.prompt("k", "[items=60 pace_ms=3]")
    async with phone.events() as first:
        await first.until(lambda screen: len(screen.events) >= 20)
        async with phone.events() as late:
            await late.until_ended()
        await first.until_ended()
    assert late.events == first.events
    assert late.messages[0]["head"] >= 20


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [("{epoch}:999", "future"), ("ffff:3", "foreign-epoch"), ("garbage", "malformed"), ("", "malformed")],
)
async def test_a_cursor_that_cannot_be_continued_is_named_and_everything_is_sent(
    phone: Client, cursor: str, reason: str
) -> None:
    epoch = await finished(phone)
    async with phone.events(cursor=cursor.format(epoch=epoch)) as device:
        await device.until_ended()
    assert device.messages[0]["recovered"] is False
    assert device.messages[0]["gap"] == {"reason": reason}
    assert device.offsets()[0] == 1
    assert device.text() == TEXT


async def test_past_retention_the_gap_is_expired_and_the_transcript_still_has_it_all() -> None:
    async with server(settings=Settings(retain_events=20)) as url, client(url) as phone:
        epoch = await finished(phone, "[items=200 pace_ms=0]")
        async with phone.events(cursor=f"{epoch}:3") as device:
            await device.until_ended()
        assert device.messages[0]["gap"] == {"reason": "expired"}
        assert device.offsets() == list(range(device.offsets()[0], 204))
        assert 20 <= len(device.offsets()) <= 25
        assert (await phone.get("/transcript"))["messages"][1]["text"].split()[0] == "tok-0001"


async def test_the_cursor_may_be_a_query_but_the_header_knows_better(phone: Client) -> None:
    epoch = await finished(phone)
    async with phone.events(query=f"?cursor={epoch}:10") as device:
        await device.until_ended()
        assert device.offsets()[0] == 11
    async with phone.events(cursor=f"{epoch}:12", query=f"?cursor={epoch}:10") as device:
        await device.until_ended()
        assert device.offsets()[0] == 13


async def test_from_the_tail_only_what_comes_is_sent_and_a_reconnect_goes_on_from_there(phone: Client) -> None:
    await finished(phone)
    async with phone.events(query="?from=tail") as device:
        await device.until(lambda screen: len(screen.messages) == 2)
        assert device.messages[1]["type"] == "caught-up"
        place = device.fields[1]["id"]  # what a browser would send when it reconnects
    await phone.prompt("k2", WORDS)
    async with phone.events(cursor=place, query="?from=tail") as device:
        await device.until_ended()
    assert device.text() == TEXT


async def test_silence_is_filled_with_comments() -> None:
    async with server(settings=Settings(heartbeat_s=0.05)) as url, client(url) as phone:
        await phone.prompt("k", "[items=2 pace_ms=0 silent_at=1 silent_ms=300]")
        async with phone.events() as device:
            await device.until_ended()
    assert 4 <= device.pings <= 6


async def test_a_stream_that_speaks_sends_no_pings() -> None:
    async with server(settings=Settings(heartbeat_s=0.2)) as url, client(url) as phone:
        await phone.prompt("k", "[items=60 pace_ms=10]")
        async with phone.events() as device:
            await device.until_ended()
    assert device.pings == 0


async def test_http_1_0_is_told_that_it_cannot_stream(phone: Client) -> None:
    import asyncio

    host, _, port = phone.path.removeprefix("http://").partition("/")[0].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/sessions/s/events HTTP/1.0\r\nHost: x\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.0 505")
    assert b'"code":"http-version"' in answer
