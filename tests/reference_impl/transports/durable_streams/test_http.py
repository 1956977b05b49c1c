from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from reference_impl.server import listening
from reference_impl.storage.memory import MemoryStore
from reference_impl.streams.settings import StreamSettings
from reference_impl.transports import durable_streams
from reference_impl.transports.stream import Stream

from ...devices import eventually

pytestmark = pytest.mark.sockets

SETTINGS = StreamSettings(body_bytes=2_000, chunk_bytes=100, poll_s=0.1, sse_s=60.0, gather_s=0.0)
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}


class Client:
    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url

    async def send(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._http.request(
            method, f"{self.url}/v1/stream/{path}", data=body or None, headers=told, skip_auto_headers=["Content-Type"]
        ) as response:
            return response.status, dict(response.headers), await response.read()

    @asynccontextmanager
    async def events(self, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._http.get(f"{self.url}/v1/stream/{path}") as response:
            assert response.status == 200
            yield response


@asynccontextmanager
async def serving(settings: StreamSettings = SETTINGS) -> AsyncIterator[Client]:
    app = web.Application()
    durable_streams.mount(app, MemoryStore(), settings)
    timeout = aiohttp.ClientTimeout(10)
    async with listening(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(timeout=timeout) as http:
        yield Client(http, url)


async def controls(response: aiohttp.ClientResponse, until: str) -> list[dict[str, object]]:
    """The control events up to one that says so."""
    found: list[dict[str, object]] = []
    async for line in response.content:
        if line.startswith(b'data:{"streamNextOffset"'):
            found.append(json.loads(line[5:]))
            if until in found[-1]:
                break
    return found


async def test_a_long_stream_is_read_in_chunks_that_a_cache_may_keep() -> None:
    async with serving() as client:
        await client.send("PUT", "s", Content_Type="application/json")
        for number in range(30):
            await client.send("POST", "s", b'{"number":%d}' % number, Content_Type="application/json")
        offset, values, caches = "-1", [], []
        while True:
            _, headers, body = await client.send("GET", f"s?offset={offset}")
            values += json.loads(body)
            caches.append(headers["Cache-Control"])
            offset = headers["Stream-Next-Offset"]
            if "Stream-Up-To-Date" in headers:
                break
        assert [value["number"] for value in values] == list(range(30))
        assert len(caches) > 3
        assert caches[-1] == "private, no-cache"
        assert set(caches[:-1]) == {"private, max-age=60, stale-while-revalidate=300"}


async def test_an_offset_of_the_stream_before_or_of_none_is_refused_by_name() -> None:
    async with serving() as client:
        _, before, _ = await client.send("PUT", "s", b"old content", Content_Type="text/plain")
        await client.send("DELETE", "s")
        await client.send("PUT", "s", b"new content of another kind", Content_Type="text/plain")
        status, _, body = await client.send("GET", f"s?offset={before['Stream-Next-Offset']}")
        assert (status, json.loads(body)["code"]) == (410, "foreign-offset")
        _, now, _ = await client.send("HEAD", "s")
        lineage = now["Stream-Next-Offset"].partition("_")[0]
        for position in (3, 10_000):
            status, headers, _ = await client.send("GET", f"s?offset={lineage}_{position:016d}")
            assert status == 400
            assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("PUT", "x" * 513, TEXT, 400),
        ("PUT", "__ds/subscriptions/1", JSON, 501),
        ("PUT", "s", TEXT | {"Stream-TTL": "01"}, 400),
        ("PUT", "s", TEXT | {"Stream-TTL": "99999999999999999999"}, 400),
        ("PUT", "s", TEXT | {"Stream-Expires-At": "2026-02-30T00:00:00Z"}, 400),
        ("PUT", "s", TEXT | {"Stream-Forked-From": "/elsewhere"}, 404),
        ("PUT", "s", TEXT | {"Stream-Forked-From": "/v1/stream/none"}, 404),
        ("PUT", "s", {"Content-Type": "x" * 300}, 400),
        ("POST", "there", TEXT | {"Producer-Id": "p", "Producer-Epoch": "0"}, 400),
        ("POST", "there", TEXT | {"Producer-Id": "p", "Producer-Epoch": "-1", "Producer-Seq": "0"}, 400),
        ("POST", "there", TEXT | {"Producer-Id": "p", "Producer-Epoch": "0", "Producer-Seq": "9007199254740992"}, 400),
        ("POST", "there", TEXT | {"Stream-Seq": "x" * 300}, 400),
        ("GET", "there?live=tv&offset=-1", {}, 400),
        ("GET", "there?offset=-1&offset=-1", {}, 400),
        ("PATCH", "there", TEXT, 405),
    ],
)
async def test_what_cannot_be_done_is_refused(method: str, path: str, headers: dict[str, str], status: int) -> None:
    async with serving() as client:
        await client.send("PUT", "there", Content_Type="text/plain")
        told = {name.replace("-", "_"): value for name, value in headers.items()}
        found, _, body = await client.send(method, path, b"x" if method in ("PUT", "POST") else b"", **told)
        assert found == status
        if status != 405:
            assert json.loads(body)["ok"] is False


async def test_an_append_that_is_too_large_is_refused_and_the_next_one_is_not() -> None:
    async with serving() as client:
        await client.send("PUT", "s", Content_Type="text/plain")
        status, _, body = await client.send("POST", "s", b"x" * 2_001, Content_Type="text/plain")
        assert (status, json.loads(body)["code"]) == (413, "too-large")
        assert (await client.send("POST", "s", b"x" * 2_000, Content_Type="text/plain"))[0] == 204


async def test_a_reader_follows_from_history_to_live_to_the_end_without_a_seam() -> None:
    async with serving() as client:
        await client.send("PUT", "s", b"[1,2]", Content_Type="application/json")
        async with client.events("s?offset=-1&live=sse") as response:
            text = b""
            told = False
            async for line in response.content:
                text += line
                if b"upToDate" in line and not told:
                    told = True
                    await client.send("POST", "s", b"3", Content_Type="application/json")
                    await client.send("POST", "s", b"[4,5]", Content_Type="application/json", Stream_Closed="true")
        values = [value for line in text.split(b"\n") if line.startswith(b"data:[") for value in json.loads(line[5:])]
        assert values == [1, 2, 3, 4, 5]
        assert text.count(b"streamClosed") == 1


async def test_a_reader_is_sent_back_after_a_while_and_can_go_on() -> None:
    async with serving(StreamSettings(sse_s=0.05, heartbeat_s=0.05)) as client:
        await client.send("PUT", "s", b"one", Content_Type="text/plain")
        async with client.events("s?offset=-1&live=sse") as response:
            place = (await controls(response, "upToDate"))[-1]["streamNextOffset"]
            assert b"streamClosed" not in await response.content.read()  # it ended, and not because the stream did
        await client.send("POST", "s", b"two", Content_Type="text/plain")
        async with client.events(f"s?offset={place}&live=sse") as response:
            assert b"data:two" in await response.content.readuntil(b"upToDate")


async def test_readers_are_let_go_when_the_stream_is_deleted() -> None:
    async with serving() as client:
        await client.send("PUT", "s", Content_Type="text/plain")
        async with client.events("s?offset=-1&live=sse") as response:
            await controls(response, "upToDate")
            await client.send("DELETE", "s")
            assert b"streamClosed" not in await response.content.read()


async def test_a_long_poll_waits_for_what_comes_and_says_when_nothing_did() -> None:
    async with serving(StreamSettings(poll_s=0.2)) as client:
        _, made, _ = await client.send("PUT", "s", Content_Type="text/plain")
        poll = f"s?offset={made['Stream-Next-Offset']}&live=long-poll"
        status, headers, _ = await client.send("GET", poll)
        assert (status, headers["Stream-Up-To-Date"], headers["Cache-Control"]) == (204, "true", "no-store")
        waiting = asyncio.create_task(client.send("GET", poll))
        await asyncio.sleep(0.05)
        await client.send("POST", "s", b"news", Content_Type="text/plain")
        status, headers, body = await waiting
        assert (status, body) == (200, b"news")
        assert int(headers["Stream-Cursor"]) > 0


def alive() -> int:
    return sum(isinstance(each, Stream | web.Request) for each in gc.get_objects())


async def test_a_reader_that_is_gone_leaves_nothing_for_the_collector() -> None:
    async with serving(StreamSettings(heartbeat_s=0.05)) as client:
        await client.send("PUT", "s", Content_Type="text/plain")
        gc.collect()
        before = alive()  # the client's own connection, which it keeps
        gc.disable()
        try:
            address = urlsplit(client.url)
            for _ in range(3):
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
                writer.write(b"GET /v1/stream/s?offset=-1&live=sse HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"upToDate")
                assert alive() > before
                writer.transport.abort()
                await eventually(lambda: alive() == before)
        finally:
            gc.enable()


async def test_http_1_0_cannot_follow() -> None:
    async with serving() as client:
        await client.send("PUT", "s", Content_Type="text/plain")
        address = urlsplit(client.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"GET /v1/stream/s?offset=-1&live=sse HTTP/1.0\r\nHost: x\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.0 505")
        writer.close()
        await writer.wait_closed()
