from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed

from reference_impl.__main__ import main
from reference_impl.agents.base import Turn
from reference_impl.hub import Hub
from reference_impl.server import build_app, listening
from reference_impl.settings import Settings
from reference_impl.transports.commands import HUB

from .devices import client, server
from .test_crash import process

pytestmark = pytest.mark.sockets


async def test_health() -> None:
    async with server() as url, aiohttp.ClientSession() as http, http.get(f"{url}/health") as response:
        assert (response.status, await response.text()) == (200, '{"ok":true}')


async def test_an_error_inside_is_named_but_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Hub, __: str) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Hub, "session", broken)
    async with server() as url, client(url) as phone:
        status, answer = await phone.send("GET", "")
    assert (status, answer) == (500, {"ok": False, "code": "internal", "message": "the server failed to do this"})
    assert "a secret" in caplog.text


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_every_stream_in_good_order_within_two_seconds(
    tmp_path: Path, name: signal.Signals
) -> None:
    path = tmp_path / "sessions.db"
    async with process(path) as (url, running), client(url) as phone:
        async with phone.events() as stream, phone.socket() as device:
            await device.ask("subscribe")
            await phone.prompt("k", "[items=5000 pace_ms=5]")
            await device.until(lambda screen: len(screen.events) >= 5)
            began = asyncio.get_running_loop().time()
            running.send_signal(name)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    await device.read()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
            while await stream.read():
                pass
        assert await asyncio.wait_for(running.wait(), 5) == 0
        assert asyncio.get_running_loop().time() - began < 2
        assert stream.events[-1]["data"] == {"reason": "failed", "error": "server restarted"}
        assert device.events == stream.events
    async with process(path) as (url, _), client(url) as phone:
        async with phone.events(cursor=stream.cursor) as again:
            await again.read()
        assert again.messages[0]["recovered"] is True
        assert again.messages[0]["head"] == stream.events[-1]["offset"]


async def test_the_port_is_free_again_and_errors_at_the_start_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"this is not a database at all" * 100)
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", "--port", "0", "--storage", f"sqlite:{tmp_path / 'no.db'}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    out, err = await asyncio.wait_for(running.communicate(), 20)
    assert (running.returncode, out) == (3, b"")
    assert b"not a database" in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "argv", [["--storage", "tape"], ["--storage", "sqlite:"], ["--policy", "shout"], ["--retain-events", "0"]]
)
def test_wrong_options_are_refused(argv: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    assert argv[0] in capsys.readouterr().err


async def test_idle_devices_cost_next_to_nothing() -> None:
    """No polling: between two heartbeats nothing happens at all."""
    app = build_app(settings=Settings(heartbeat_s=0.4))
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone:
        streams = [phone.events() for _ in range(200)]
        for stream in streams:
            await stream.__aenter__()
        session = await app[HUB].session("s")
        assert len(session.listeners) == 200
        await asyncio.sleep(0.5)
        before = time.process_time()
        await asyncio.sleep(1)
        assert time.process_time() - before < 0.1  # 500 heartbeats, sent and received
        for stream in streams:
            await stream.__aexit__(None, None, None)


class Slow:
    """An agent for the test below."""

    def check(self, prompt: str) -> None:
        pass

    async def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        await asyncio.sleep(60)
        yield turn.prompt


async def test_another_agent_can_be_built_in() -> None:
    async with server(agent=Slow()) as url, client(url) as phone:
        run = (await phone.prompt("k", "[not a script]"))["run"]
        await phone.post("stop", run=run)
        async with phone.events() as device:
            await device.until_ended()
        assert device.kinds() == ["user", "run-start", "stop", "run-end"]
