"""A token is seen by nobody but the server: not in any output, whatever goes wrong with the request that carries it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from reference_impl.access.keys import VARIABLE
from reference_impl.access.tokens import mint, secret_key
from reference_impl.hub import Hub
from reference_impl.observe import logs

from .devices import client, server

pytestmark = pytest.mark.sockets

SECRET = "a secret of thirty-two bytes, or more"
KEY = secret_key(SECRET.encode())
ROOT = Path(__file__).parents[2]


def requests(token: str, expired: str) -> list[bytes]:
    """Right and wrong ones, with the token wherever it can be."""
    bearer = f"Authorization: Bearer {token}\r\n"
    return [
        request.encode() + b"\r\n"
        for request in (
            f"GET /v1/sessions/s/events?token={token} HTTP/1.1\r\nHost: x\r\n",
            f"GET /v1/sessions/s?token={expired} HTTP/1.1\r\nHost: x\r\n",
            f"GET /v1/sessions/t?token={token} HTTP/1.1\r\nHost: x\r\n",
            f"GET /v1/sessions/s?token={token} HTTP/1.1\r\nHost: x\r\nX-Bad: \0\r\n",
            f"GET /v1/sessions/s HTTP/1.1\r\nHost: x\r\n{bearer[:-2]}\0\r\n",
            f"GET /v1/sessions/s?token={token} HTTP/9.9\r\nHost: x\r\n",
            f"GET /v1/sessions/s?token={token}\x01 HTTP/1.1\r\nHost: x\r\n",
            f"GE\x01T /v1/sessions/s?token={token} HTTP/1.1\r\nHost: x\r\n",
            f"GET http://[/v1/sessions/s?token={token} HTTP/1.1\r\nHost: x\r\n",
            f"POST /v1/sessions/s/prompts HTTP/1.1\r\nHost: x\r\n{bearer}Content-Length: 2\r\n"
            "Transfer-Encoding: chunked\r\n",
            f"POST /v1/sessions/s/prompts HTTP/1.1\r\nHost: x\r\n{bearer}Content-Length: 3\r\n\r\n{{{{{{",
            f"GET /v1/sessions/s/ws?token={token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        )
    ]


async def send(url: str, request: bytes) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    assert await asyncio.wait_for(reader.read(1), 5)
    writer.transport.abort()


@pytest.mark.parametrize("form", logs.FORMS)
async def test_a_token_is_in_no_output_of_a_server(form: str) -> None:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-m", "reference_impl", "--port", "0", "--log", form,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT, env=os.environ | {VARIABLE: SECRET},
    )  # fmt: skip
    assert running.stdout is not None
    try:
        line = await asyncio.wait_for(running.stdout.readline(), 20)
        url = line.decode().removeprefix("listening on ").strip()
        token, expired = mint(KEY, "s", ("read", "prompt"), 60), mint(KEY, "s", ["read"], -1)
        for request in requests(token, expired):
            await send(url, request)
        running.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(running.communicate(), 20)
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
    told = (line + out + err).decode()
    assert "Error handling request" in told, "nothing was logged: this test proves nothing"
    for secret in (token, expired, SECRET, *token.split(".")[1:]):
        assert secret not in told
    assert "open" not in told.splitlines()[0] and "no token key" not in told
    if form == "json":
        assert {"time", "level", "logger", "message"} <= json.loads(err.splitlines()[0]).keys()
        assert all(json.loads(row) for row in err.splitlines())


async def test_an_open_server_says_so_once() -> None:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", "--port", "0", "--host", "0.0.0.0",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert running.stdout is not None
    await asyncio.wait_for(running.stdout.readline(), 20)
    running.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(running.communicate(), 20)
    assert err.decode().count("there is no token key") == 1


async def test_a_token_is_not_in_the_traceback_of_a_failure_inside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = mint(KEY, "s", ["read"], 60)

    async def broken(_: Hub, __: str) -> None:
        raise ZeroDivisionError(f"while answering /v1/sessions/s?token={token}")

    monkeypatch.setattr(Hub, "session", broken)
    async with server() as url, client(url) as phone:
        assert (await phone.send("GET", f"?token={token}"))[0] == 500
    lines = [form.format(record) for form in (logs.TextFormatter(), logs.JsonFormatter()) for record in caplog.records]
    assert any("ZeroDivisionError" in line for line in lines)
    assert not any(token in line for line in lines)


async def test_metrics_say_what_happened_and_name_nobody() -> None:
    async with (
        server() as url,
        client(url, "secret-name") as phone,
        phone.events() as device,
        phone.socket() as socket,
    ):
        await socket.ask("stop", run="r_0")
        await phone.prompt("k", "[items=3 pace_ms=0]")
        await device.until_ended()
        await socket.ask("subscribe", cursor=device.cursor)
        await phone.prompt("k2", "[items=3 pace_ms=0 approve_at=1]")
        async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as response:
            lines = (await response.text()).splitlines()
    assert {
        "durable_streams 2.0",
        "durable_sessions 1.0",
        'durable_runs{state="running"} 1.0',
        'durable_runs_ended_total{reason="completed"} 1.0',
        'durable_resumes_total{outcome="recovered"} 1.0',
        'durable_refused_total{code="unknown-run"} 1.0',
    } <= set(lines)
    appended = next(float(line.split()[1]) for line in lines if line.startswith("durable_events_appended_total"))
    assert appended >= 8
    assert not any("secret-name" in line for line in lines)


async def test_without_the_package_metrics_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "reference_impl.observe.exposition", raising=False)
    monkeypatch.delattr("reference_impl.observe.exposition", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    async with server() as url, aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as response:
        told = json.loads(await response.text())
        assert (response.status, told["code"]) == (501, "not-installed")
        assert "durable-audit[metrics]" in told["message"]
