"""Who comes in: tokens on every route, pages of other origins, and what is too much."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from websockets.exceptions import InvalidStatus

from reference_impl.access.gate import Access
from reference_impl.access.limits import Limits
from reference_impl.access.scopes import SCOPES
from reference_impl.access.tokens import Verifier, mint, secret_key
from reference_impl.server import build_app
from reference_impl.settings import Settings

from ..devices import Client, client, server

pytestmark = pytest.mark.sockets

KEY = secret_key(b"a secret of thirty-two bytes, or more")
CLOSED = Access(Verifier(KEY))
PROMPT = json.dumps({"key": "k", "text": "[items=1]"}).encode()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server with a key and with workers."""
    async with server(access=CLOSED, settings=Settings(agents="workers")) as ready:
        yield ready


async def ask(
    url: str, method: str, path: str, token: str | None = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Status, code and headers of an answer; the code of a stream is empty."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, url + path, headers=sent, data=PROMPT if method == "POST" else None) as response,
    ):
        told = await response.read() if response.content_type == "application/json" else b"{}"
        return response.status, json.loads(told or b"{}").get("code", ""), dict(response.headers)


ROUTES = [
    ("GET", "/v1/sessions/s"),
    ("GET", "/v1/sessions/s/transcript"),
    ("GET", "/v1/sessions/s/events"),
    ("GET", "/v1/sessions/s/ws"),
    ("HEAD", "/v1/sessions/s"),
    ("HEAD", "/v1/sessions/s/transcript"),
    ("POST", "/v1/sessions/s/prompts"),
    ("POST", "/v1/sessions/s/stop"),
    ("POST", "/v1/sessions/s/steer"),
    ("POST", "/v1/sessions/s/approve"),
    ("GET", "/v1/work"),
    ("GET", "/v1/stream/a"),
    ("HEAD", "/v1/stream/a"),
    ("PUT", "/v1/stream/a"),
    ("POST", "/v1/stream/a"),
    ("DELETE", "/v1/stream/a"),
]


def test_every_route_under_v1_is_in_the_table_below() -> None:
    served = {
        (route.method, route.resource.canonical.format(sid="s", path="a"))
        for route in build_app().router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/v1/")
    }
    assert served - {("OPTIONS", "/v1/stream/a")} == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_route_is_reached_without_a_token_or_with_that_of_another_session(
    url: str, method: str, path: str
) -> None:
    status, code, headers = await ask(url, method, path)
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert code == ("" if method == "HEAD" else "unauthorized")
    status, code, _ = await ask(url, method, path, mint(KEY, "t", SCOPES, 60))
    assert (status, code) == (403, "" if method == "HEAD" else "forbidden")
    expired = mint(KEY, "*", SCOPES, -1)
    assert (await ask(url, method, path, expired))[0] == 401
    assert (await ask(url, method, path, "nonsense"))[0] == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_each_route_needs_its_scope(url: str, method: str, path: str) -> None:
    name = path.rpartition("/")[2]
    reads = method in ("GET", "HEAD") and name != "work"
    needed = {"prompts": "prompt", "stop": "control", "steer": "control", "approve": "control"}.get(
        name, "read" if reads else "append"
    )
    session = "stream:a" if "stream" in path else "*" if name == "work" else "s"
    others = tuple(scope for scope in SCOPES if scope != needed)
    status, code, _ = await ask(url, method, path, mint(KEY, session, others, 60))
    if name == "ws":  # it may only be connected to
        assert (status, code) == (400, "bad-request")
    else:
        assert (status, code) == (403, "" if method == "HEAD" else "forbidden")
    right = next(scope for scope in SCOPES if scope == needed)
    assert (await ask(url, method, path, mint(KEY, session, [right], 60)))[0] not in (401, 403)


async def test_what_needs_no_token(url: str) -> None:
    for path in ("/health", "/ready", "/metrics", "/openapi.json", "/", "/web/session.js"):
        assert (await ask(url, "GET", path))[0] == 200
    assert (await ask(url, "GET", "/v1/nothing"))[0] == 401
    assert (await ask(url, "GET", "/v1/nothing", mint(KEY, "s", SCOPES, 60)))[0] == 404


async def test_the_token_may_stand_in_the_address_where_no_header_can_be_set(url: str) -> None:
    token = mint(KEY, "s", ["read"], 60)
    assert (await ask(url, "GET", f"/v1/sessions/s/events?token={token}"))[0] == 200
    assert (await ask(url, "GET", f"/v1/sessions/s?token={token}", Authorization="Basic xyz"))[0] == 200
    assert (await ask(url, "GET", f"/v1/sessions/s?token={token}", "nonsense"))[0] == 401


async def test_a_socket_checks_every_command() -> None:
    async with server(access=CLOSED) as url, client(url, token=mint(KEY, "s", ["prompt"], 60)) as phone:
        async with phone.socket() as device:
            assert (await device.ask("subscribe"))["code"] == "forbidden"
            assert (await device.ask("prompt", key="k", text="[items=1]"))["ok"] is True
            assert (await device.ask("stop", key="k"))["code"] == "forbidden"
            assert (await device.ask("ping"))["ok"] is True
        assert [message["type"] for message in device.messages] == ["reply"] * 4, "no event came"


async def test_a_socket_is_refused_before_it_opens(url: str) -> None:
    for token, status in ((None, 401), (mint(KEY, "t", SCOPES, 60), 403)):
        async with client(url, token=token) as phone:
            with pytest.raises(InvalidStatus) as problem:
                async with phone.socket():
                    pass
        assert problem.value.response.status_code == status


async def test_nobody_reads_a_stream_by_forking_it(url: str) -> None:
    own = mint(KEY, "stream:own", SCOPES, 60)
    fork = {"Stream_Forked_From": "/v1/stream/a"}
    assert (await ask(url, "PUT", "/v1/stream/own", own, **fork))[:2] == (403, "forbidden")
    assert (await ask(url, "PUT", "/v1/stream/own", own, Content_Type="text/plain"))[0] == 201


async def test_pages_of_other_origins_are_kept_out() -> None:
    async with server() as url:
        for method, path in ROUTES:
            if "stream" in path:
                continue  # a setting of its own
            status, code, headers = await ask(url, method, path, Origin="https://evil.example")
            assert (status, code) == (403, "" if method == "HEAD" else "bad-origin"), path
            assert "Access-Control-Allow-Origin" not in headers
        status, _, headers = await ask(url, "GET", "/v1/sessions/s", Origin=url)
        assert (status, "Access-Control-Allow-Origin" in headers) == (200, False)


async def test_pages_that_are_allowed_may_ask_and_read() -> None:
    page = "https://app.example"
    access = Access(CLOSED.verify, frozenset({page}))
    async with server(access=access) as url:
        told = {"Origin": page, "Access_Control_Request_Method": "POST"}
        status, _, headers = await ask(url, "OPTIONS", "/v1/sessions/s/prompts", **told)
        assert (status, headers["Access-Control-Allow-Origin"]) == (204, page)
        assert "Authorization" in headers["Access-Control-Allow-Headers"]
        token = mint(KEY, "s", SCOPES, 60)
        for path, given, status in (("", token, 200), ("/events", token, 200), ("", "wrong", 401)):
            answer = await ask(url, "GET", "/v1/sessions/s" + path, given, Origin=page)
            assert (answer[0], answer[2]["Access-Control-Allow-Origin"], answer[2]["Vary"]) == (status, page, "Origin")
        assert (await ask(url, "OPTIONS", "/v1/sessions/s/prompts", Origin="https://evil.example",
                          Access_Control_Request_Method="POST"))[0] == 403  # fmt: skip


async def test_too_many_commands_are_refused_by_name_on_every_transport() -> None:
    access = Access(limits=Limits(session_commands_per_s=1.0, burst_s=3.0))
    async with server(access=access) as url, client(url) as phone, client(url, "other") as other:
        async with phone.events() as device:
            for number in range(3):
                await phone.prompt(f"k{number}", "[items=1 pace_ms=0]")
            status, told = await phone.post("prompts", key="k4", text="[items=1]")
            assert (status, told["code"]) == (429, "rate-limited")
            assert 0 < told["retry_ms"] <= 3_000
            async with phone.socket() as socket:
                assert (await socket.ask("stop", key="k1"))["code"] == "rate-limited"
                assert (await socket.ask("subscribe"))["ok"] is True
            await other.prompt("k", "[items=1]")
            await device.until_ended(3)
        _, _, headers = await ask(url, "POST", "/v1/sessions/s/prompts")
        assert 1 <= int(str(headers["Retry-After"])) <= 4


async def test_streams_beyond_the_limit_are_sent_elsewhere_and_nobody_else_is() -> None:
    async with server(access=Access(limits=Limits(streams=2))) as url, client(url) as phone:
        async with phone.events() as device, phone.socket() as socket:
            status, code, headers = await ask(url, "GET", "/v1/sessions/s/events")
            assert (status, code) == (503, "full")
            assert 1 <= int(str(headers["Retry-After"])) <= 3
            await socket.ask("prompt", key="k", text="[items=1]")
            await device.until_ended()
        async with asyncio.timeout(5):
            while (await ask(url, "GET", "/v1/sessions/s/events"))[0] != 200:  # noqa: ASYNC110 - the server finds out by itself
                await asyncio.sleep(0.01)


async def test_sessions_beyond_the_limit_take_the_place_of_idle_ones_only() -> None:
    async with server(settings=Settings(sessions=3)) as url, AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(client(url, name)) for name in "abc"]
        await phones[0].prompt("k", "[items=1 pace_ms=0]")
        for phone in phones:
            device = await stack.enter_async_context(phone.events())
            await device.until(lambda screen: bool(screen.messages))
        late = await stack.enter_async_context(client(url, "d"))
        assert [await refusal(late), await refusal(late)] == [(503, "full")] * 2
        await phones[0].prompt("again", "[items=1 pace_ms=0]")
    async with server(settings=Settings(sessions=3)) as url:
        for name in "abcdefgh":
            async with client(url, name) as phone:
                await phone.prompt("k", "[items=1 pace_ms=0]")
                while (await phone.get())["runs"][0]["state"] != "completed":  # noqa: ASYNC110 - nobody may follow it here
                    await asyncio.sleep(0.01)
        async with client(url, "a") as phone:  # it was not forgotten: only its place in memory
            assert (await phone.prompt("k", "[items=1]"))["duplicate"] is True


async def refusal(phone: Client) -> tuple[int, str]:
    """Status and code."""
    status, told = await phone.send("GET", "")
    return status, told["code"]
