"""The server is killed in the middle of everything and started again: nothing that anyone was told is lost."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from websockets.exceptions import WebSocketException

from .devices import Client, Message, SseDevice, WsDevice, client, eventually

pytestmark = pytest.mark.sockets

ROUNDS = 5
SESSIONS = ("alpha", "beta")


@asynccontextmanager
async def process(path: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The server as a process of its own; killed when the context ends, if it still runs."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", "--port", "0", "--storage", f"sqlite:{path}",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert server.stdout is not None
    try:
        line = (await asyncio.wait_for(server.stdout.readline(), 20)).decode()
        assert line.startswith("listening on http://127.0.0.1:")
        yield line.removeprefix("listening on ").strip(), server
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


@dataclass
class Told:
    """What one device saw of a session, over all its connections."""

    session: str
    transport: str
    events: list[Message] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)  # prompt key → run
    stopped: set[str] = field(default_factory=set)

    async def watch(self, url: str) -> None:
        """Resume from the cursor and take in whatever comes, until the connection is gone."""
        cursor = f"{self.events[-1]['epoch']}:{self.events[-1]['offset']}" if self.events else None
        try:
            async with client(url, self.session) as http:
                await (self._sse if self.transport == "sse" else self._ws)(http, cursor)
        except (aiohttp.ClientError, WebSocketException, ConnectionError):
            return

    async def _sse(self, http: Client, cursor: str | None) -> None:
        async with http.events(cursor=cursor) as device:
            while await device.read():
                self._take(device)

    async def _ws(self, http: Client, cursor: str | None) -> None:
        async with http.socket() as device:
            reply = await device.ask("subscribe", **({} if cursor is None else {"cursor": cursor}))
            assert reply["recovered"] is True
            while True:
                self._take(device)
                await device.read()

    def _take(self, device: SseDevice | WsDevice) -> None:
        assert all(message.get("recovered", True) for message in device.messages)
        self.events += device.events
        device.messages.clear()

    async def command(self, url: str, number: int) -> None:
        """Prompt and stop until the connection is gone; remember what was acknowledged."""
        try:
            async with client(url, self.session) as http:
                for turn in range(1_000):
                    key = f"{self.transport}-{number}-{turn}"
                    answer = await http.prompt(key, f"[items=150 pace_ms={1 - turn % 2} format={key}/{{}}]")
                    self.acknowledged[key] = answer["run"]
                    if turn % 3 == 2:
                        status, _ = await http.post("stop", key=key)
                        assert status == 202
                        self.stopped.add(answer["run"])
                    await asyncio.sleep(0.02)
        except (aiohttp.ClientError, ConnectionError):
            return


async def a_round(path: Path, devices: list[Told], number: int, moment_s: float) -> None:
    async with process(path) as (url, server):
        before = [len(device.events) for device in devices]
        at_work = [asyncio.create_task(device.watch(url)) for device in devices]
        at_work += [asyncio.create_task(device.command(url, number)) for device in devices]
        await eventually(lambda: all(len(told.events) > seen + 20 for told, seen in zip(devices, before, strict=True)))
        await asyncio.sleep(moment_s)
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        await asyncio.wait_for(asyncio.gather(*at_work), 10)


async def everything(path: Path, session: str) -> list[Message]:
    """The log of a session after the last restart, when all its runs are over."""
    async with process(path) as (url, _), client(url, session) as http:
        runs = [run["run"] for run in (await http.get())["runs"]]
        for run in runs:
            await http.post("stop", run=run)
        async with http.events() as device:
            await device.until_ended(len(runs))
        return device.events


async def test_killed_at_any_moment_nothing_that_was_told_is_lost_or_repeated(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    devices = [Told(session, transport) for session in SESSIONS for transport in ("sse", "ws")]
    moments = random.Random(20_26)
    for number in range(ROUNDS):
        await a_round(path, devices, number, moments.uniform(0, 0.1))
    restarts = 0
    for session in SESSIONS:
        log = await everything(path, session)
        assert [event["offset"] for event in log] == list(range(1, len(log) + 1))
        restarts += runs_cut_by_a_restart(log)
        for device in devices:
            if device.session == session:
                assert device.events == log[: len(device.events)]
                assert_acknowledged_is_kept(device, log)
    assert restarts >= ROUNDS  # it was killed in the middle of something


def runs_cut_by_a_restart(log: list[Message]) -> int:
    """How many there were; every run, cut or not, has one ending."""
    prompted = [event["run"] for event in log if event["kind"] == "user"]
    assert Counter(prompted) == Counter(event["run"] for event in log if event["kind"] == "run-end")
    assert set({event["run"]: event["kind"] for event in log}.values()) == {"run-end"}
    errors = Counter(event["data"].get("error") for event in log if event["kind"] == "run-end")
    assert errors.keys() <= {None, "server restarted"}
    assert errors["server restarted"] <= ROUNDS
    return errors["server restarted"]


def assert_acknowledged_is_kept(device: Told, log: list[Message]) -> None:
    assert len(device.acknowledged) > ROUNDS
    runs = {event["data"]["key"]: event["run"] for event in log if event["kind"] == "user"}
    stops = {event["run"] for event in log if event["kind"] == "stop"}
    reasons = {event["run"]: event["data"]["reason"] for event in log if event["kind"] == "run-end"}
    assert device.acknowledged.items() <= runs.items()
    for run in device.stopped:
        assert reasons[run] == ("stopped" if run in stops else "completed")
