"""One device's client against real sockets: what it sends, and what it never does."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import aiohttp
import pytest
import websockets

from audit.adapters.base import Call, Dial
from audit.connection import Client, Endpoint
from audit.errors import Oversized, ProtocolError
from audit.faults.link import Link
from audit.stream import Closed, Stream

from .faults.certificate import contexts
from .servers import LAST_CHUNK, STREAM, Script, Server, Talk, eventually, serving

pytestmark = pytest.mark.sockets

NAME = "chat.example.test"


@contextlib.asynccontextmanager
async def client(endpoint: Endpoint) -> AsyncIterator[Client]:
    made = Client(endpoint)
    try:
        yield made
    finally:
        await made.close()


@contextlib.asynccontextmanager
async def talking(script: Script, base: str = "", **headers: str) -> AsyncIterator[tuple[Client, Server]]:
    """A client of a server that plays `script`; base: the target's own URL, where it is another than the dialed one."""
    async with serving(script) as server, client(Endpoint(base or server.url, server.port, headers)) as made:
        yield made, server


async def pumped(stream: Stream) -> tuple[list[str | bytes], Closed]:
    """Everything a stream brings, and its end."""
    taken: list[str | bytes] = []
    gate = asyncio.Event()
    gate.set()
    try:
        async with asyncio.timeout(5):
            return taken, await stream.pump(taken.append, gate)
    finally:
        await stream.close()


async def answer_ok(talk: Talk) -> None:
    await talk.request()
    await talk.respond(b'{"ok":true}')


# -- what is sent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("http://chat.example", "/v1/x", {}, "http://127.0.0.1:5/v1/x"),
        ("http://chat.example:8080/api", "/v1/x", {}, "http://127.0.0.1:5/api/v1/x"),
        ("https://chat.example/api/", "/v1/x?a=1", {"key": "k&1"}, "https://127.0.0.1:5/api/v1/x?a=1&key=k%261"),
        ("http://chat.example", "/s%2F1/ws", {"key": "k"}, "http://127.0.0.1:5/s%2F1/ws?key=k"),
        ("http://chat.example/api", "//elsewhere.example/x", {}, "http://127.0.0.1:5/api//elsewhere.example/x"),
    ],
)
def test_paths_and_queries_are_joined_below_the_base(base: str, path: str, query: dict[str, str], url: str) -> None:
    assert Endpoint(base, 5, query=query).url(path, dialed=True) == url


def test_a_sockets_url_is_the_targets_own() -> None:
    assert Endpoint("https://chat.example:1/api", 5).url("/ws?v=2", dialed=False, socket=True) == (
        "wss://chat.example:1/api/ws?v=2"
    )


def test_an_endpoint_shows_no_secret() -> None:
    assert "hunter2" not in repr(Endpoint("http://chat.example", 5, {"Authorization": "hunter2"}, {"key": "hunter2"}))


async def test_the_host_header_is_the_targets_though_the_link_is_dialed() -> None:
    async with talking(answer_ok, "http://chat.example:81/api", **{"X-Api-Key": "k"}) as (made, server):
        response = await made.call(Call("POST", "/v1/x?a=1", b'{"text":"hi"}', {"content-type": "application/json"}))
    assert (response.status, response.body) == (200, b'{"ok":true}')
    (talk,) = server.talks
    assert talk.line == "POST /api/v1/x?a=1 HTTP/1.1"
    assert (talk.headers["host"], talk.headers["x-api-key"]) == ("chat.example:81", "k")
    assert (talk.headers["accept-encoding"], talk.headers["content-type"]) == ("identity", "application/json")
    assert talk.body == b'{"text":"hi"}'


async def test_a_header_is_sent_once_and_the_target_file_decides() -> None:
    heads: list[bytes] = []

    async def listen(talk: Talk) -> None:
        heads.append(await talk.reader.readuntil(b"\r\n\r\n"))
        await talk.respond(b"")

    async with talking(listen, Accept="text/plain") as (made, _):
        await made.call(Call("GET", "/", headers={"accept": "application/json"}))
    assert [line for line in heads[0].split(b"\r\n") if line.lower().startswith(b"accept:")] == [b"Accept: text/plain"]


async def test_a_websocket_names_the_target_and_sends_its_first_frames() -> None:
    heard: list[str] = []

    async def listen(talk: Talk) -> None:
        await talk.upgrade()
        heard.extend([await talk.hear(), await talk.hear()])
        await talk.frame("welcome")
        await talk.gone()

    async with talking(listen, "http://chat.example/api", **{"X-Api-Key": "k"}) as (made, server):
        stream = await made.dial(Dial("/ws?v=2", ("one", "two"), {"x-more": "m"}, ("v1.chat",)))
        taken: list[str | bytes] = []
        gate = asyncio.Event()
        gate.set()
        pump = asyncio.create_task(stream.pump(taken.append, gate))
        await eventually(lambda: bool(taken))
        await stream.close()
        assert await pump == Closed("local")
    (talk,) = server.talks
    assert (heard, taken, talk.line) == (["one", "two"], ["welcome"], "GET /api/ws?v=2 HTTP/1.1")
    sent = [talk.headers[name] for name in ("host", "x-api-key", "x-more", "sec-websocket-protocol")]
    assert sent == ["chat.example", "k", "m", "v1.chat"]
    assert "sec-websocket-extensions" not in talk.headers


async def test_a_cursor_that_no_header_can_hold_is_refused_by_name() -> None:
    async with talking(answer_ok) as (made, server):
        with pytest.raises(ProtocolError, match="cannot be written down"):
            await made.call(Call("GET", "/", headers={"last-event-id": "a\r\nX-Evil: b"}))
    assert [talk.line for talk in server.talks] == [""]  # it came, and said nothing


# -- what is never done --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
@pytest.mark.parametrize("same", [True, False])
async def test_no_redirect_is_followed(status: str, same: bool) -> None:
    async with serving(answer_ok) as elsewhere:

        async def away(talk: Talk) -> None:
            await talk.request()
            await talk.respond(b"", status, Location="/there" if same else f"{elsewhere.url}/there")

        async with talking(away) as (made, server):
            assert (await made.call(Call("GET", "/here", stream=True))).status == int(status[:3])
            with pytest.raises(websockets.InvalidStatus) as refused:
                await made.dial(Dial("/ws"))
            assert refused.value.response.status_code == int(status[:3])
        assert [talk.line for talk in server.talks] == ["GET /here HTTP/1.1", "GET /ws HTTP/1.1"]
        assert not elsewhere.talks


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def upgrade(talk: Talk) -> None:
        await talk.upgrade()
        await talk.gone()

    async with serving(answer_ok) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with talking(answer_ok, "http://chat.example") as (made, _):
            assert (await made.call(Call("GET", "/"))).status == 200
        async with talking(upgrade, "http://chat.example") as (made, _):
            await (await made.dial(Dial("/ws"))).close()
        assert not proxy.talks


async def test_nothing_of_the_library_ends_a_long_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[dict[str, object]] = []
    real = aiohttp.ClientSession.__init__

    def spy(self: aiohttp.ClientSession, **options: object) -> None:
        sessions.append(options)
        real(self, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", spy)
    async with client(Endpoint("http://chat.example", 5)):
        (options,) = sessions
    timeout = options["timeout"]
    assert isinstance(timeout, aiohttp.ClientTimeout)
    assert (timeout.total, timeout.connect, timeout.sock_connect, timeout.sock_read) == (None, None, None, None)
    assert options["trust_env"] is False


async def test_every_exchange_has_its_own_connection() -> None:
    async with talking(answer_ok) as (made, server):
        for _ in range(3):
            await made.call(Call("GET", "/"))
    assert [talk.headers["connection"] for talk in server.talks] == ["close"] * 3


async def test_a_cookie_of_one_answer_is_not_sent_with_the_next() -> None:
    async def set_cookie(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b"", Set_Cookie="node=1; Path=/")

    async with talking(set_cookie) as (made, server):
        await made.call(Call("GET", "/"))
        await made.call(Call("GET", "/"))
    assert "cookie" not in server.talks[1].headers


async def test_a_dial_that_is_given_up_leaves_no_connection_behind() -> None:
    ended = asyncio.Event()

    async def never(talk: Talk) -> None:
        await talk.request()
        with contextlib.suppress(ConnectionError):
            await talk.gone()
        ended.set()

    async with talking(never) as (made, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await made.dial(Dial("/ws"))
        async with asyncio.timeout(5):
            await ended.wait()


# -- what is answered ----------------------------------------------------------------------------------------------


async def test_a_stream_is_left_open_and_any_other_response_is_read() -> None:
    async def stream(talk: Talk) -> None:
        if (await talk.request()).startswith("GET /stream"):
            await talk.say(STREAM)
            await talk.chunk(b"data: one\n\n")
            await talk.say(LAST_CHUNK)
        else:
            await talk.respond(b"no such chat", "404 Not Found", Content_Type="text/plain")

    async with talking(stream) as (made, _):
        open_, read = (
            await made.call(Call("GET", "/stream", stream=True)),
            await made.call(Call("GET", "/", stream=True)),
        )
        assert open_.stream is not None and (open_.status, open_.body) == (200, b"")
        assert open_.headers["content-type"] == "text/event-stream"
        assert await pumped(open_.stream) == ([b"data: one\n\n"], Closed("clean"))
        assert (read.status, read.body, read.stream) == (404, b"no such chat", None)
        with pytest.raises(ProtocolError, match="carries nothing"):
            await open_.stream.send("hello")


@pytest.mark.parametrize(
    ("status", "left_open"), [("201 Created", True), ("204 No Content", True), ("302 Found", False)]
)
async def test_any_success_may_be_a_stream(status: str, left_open: bool) -> None:
    async def answer(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b"" if status.startswith("204") else b"data: one\n\n", status)

    async with talking(answer) as (made, _):
        response = await made.call(Call("POST", "/", b"{}", stream=True))
        assert (response.stream is not None) is left_open
        if response.stream is not None:
            taken, closed = await pumped(response.stream)
            assert (taken, closed) == ([] if response.status == 204 else [b"data: one\n\n"], Closed("clean"))


async def test_gzip_that_was_not_asked_for_is_read_like_a_browser_would() -> None:
    packed = gzip.compress(b"data: one\n\n")

    async def compress(talk: Talk) -> None:
        if (await talk.request()).startswith("GET /stream"):
            await talk.say(STREAM.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"))
            for byte in packed:
                await talk.chunk(bytes((byte,)))
            await talk.say(LAST_CHUNK)
        else:
            await talk.respond(packed, Content_Encoding="gzip")

    async with talking(compress) as (made, _):
        assert (await made.call(Call("GET", "/"))).body == b"data: one\n\n"
        response = await made.call(Call("GET", "/stream", stream=True))
        assert response.stream is not None
        taken, closed = await pumped(response.stream)
    assert (b"".join(each for each in taken if isinstance(each, bytes)), closed) == (b"data: one\n\n", Closed("clean"))


async def test_a_body_without_end_is_not_read_to_it() -> None:
    async def pour(talk: Talk) -> None:
        await talk.request()
        await talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await talk.say(bytes(1 << 18))

    async with talking(pour) as (made, _):
        with pytest.raises(Oversized, match="the response to GET / is over"):
            await made.call(Call("GET", "/"))


async def test_what_came_of_a_body_that_broke_off_is_given() -> None:
    async def break_off(talk: Talk) -> None:
        await talk.request()
        await talk.say(b"HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf")

    async with talking(break_off) as (made, _):
        response = await made.call(Call("GET", "/"))
    assert (response.status, response.body) == (500, b"half")


@pytest.mark.parametrize(
    "head", [b"garbage\r\n\r\n", b"HTTP/1.1 what OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
async def test_what_is_not_http_is_named(head: bytes) -> None:
    async def nonsense(talk: Talk) -> None:
        await talk.request()
        await talk.say(head)
        await talk.gone()

    async with talking(nonsense) as (made, _):
        with pytest.raises(ProtocolError, match="the response is not HTTP"):
            await made.call(Call("GET", "/"))


# -- TLS -----------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def secured(script: Script, folder: Path, name: str = NAME) -> AsyncIterator[Client]:
    """A client of a TLS server called NAME, through a link, that believes to talk to `name`."""
    tls, trust = contexts(NAME, folder)
    async with serving(script, tls) as server:
        link = await Link.open("127.0.0.1", server.port, rng=Random(1))
        try:
            async with client(Endpoint(f"https://{name}", link.port, tls=trust)) as made:
                yield made
        finally:
            await link.close()


async def test_https_through_a_link_checks_the_targets_own_name(tmp_path: Path) -> None:
    async with secured(answer_ok, tmp_path) as made:
        assert (await made.call(Call("GET", "/"))).body == b'{"ok":true}'


async def test_wss_through_a_link_checks_the_targets_own_name(tmp_path: Path) -> None:
    async def greet(talk: Talk) -> None:
        await talk.upgrade()
        await talk.frame("hello")

    async with secured(greet, tmp_path) as made:
        taken, closed = await pumped(await made.dial(Dial("/ws")))
    assert (taken, closed.how) == (["hello"], "fin")


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    async with secured(answer_ok, tmp_path, "other.example.test") as made:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await made.call(Call("GET", "/"))
        with pytest.raises(ssl.SSLCertVerificationError):
            await made.dial(Dial("/ws"))
