"""Workers, and servers under them, are killed or frozen in the middle of their runs: nothing that anyone was told is
lost or repeated, and every run has one ending."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from reference_impl.server import build_app, listening
from reference_impl.settings import Settings
from reference_impl.storage.sqlite import SqliteStore

from . import servers
from .devices import Client, Message, SseDevice, client, eventually, server
from .workers.processes import process, worker

pytestmark = pytest.mark.sockets

WORDS = 60
PROMPT = f"[items={WORDS} pace_ms=10 agents=1]"
ANSWER = "".join(f"tok-{number:04d} " for number in range(1, WORDS + 1))
BELOW = "".join(f"a1.tok-{number:04d} " for number in range(1, WORDS + 1))
SESSIONS, DEVICES, ROUNDS = 6, 3, 3


def settings(lost_runs: Literal["fail", "continue"]) -> Settings:
    return Settings(agents="workers", lost_runs=lost_runs, lease_s=0.6, alive_s=0.6)


@dataclass
class Audience:
    """Every device of every session, from the first event on."""

    clients: list[Client]
    devices: list[SseDevice]

    async def prompt(self, key: str) -> None:
        await asyncio.gather(*(each.prompt(key, PROMPT) for each in self.clients))

    async def until_ended(self, runs: int) -> None:
        await asyncio.gather(*(each.until_ended(runs) for each in self.devices))

    def assert_alike(self) -> list[list[Message]]:
        """All devices of a session were shown the same; the log of each session."""
        logs = []
        for place in range(0, len(self.devices), DEVICES):
            first, *others = (device.events for device in self.devices[place : place + DEVICES])
            assert all(other == first for other in others)
            assert [event["offset"] for event in first] == list(range(1, len(first) + 1))
            logs.append(first)
        return logs


@asynccontextmanager
async def audience(url: str) -> AsyncIterator[Audience]:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(url, f"s{number}")) for number in range(SESSIONS)]
        devices = [await stack.enter_async_context(each.events()) for each in clients for _ in range(DEVICES)]
        yield Audience(clients, devices)


def words(log: list[Message], run: str, agent: str | None = None) -> str:
    said = (event["data"] for event in log if event["kind"] == "text" and event["run"] == run)
    return "".join(data["text"] for data in said if data.get("agent") == agent)


def runs_of(log: list[Message]) -> list[str]:
    """Each has one ending, which is its last event."""
    runs = [event["run"] for event in log if event["kind"] == "user"]
    assert Counter(event["run"] for event in log if event["kind"] == "run-end") == Counter(runs)
    assert {event["run"]: event["kind"] for event in log} == dict.fromkeys(runs, "run-end")
    return runs


@pytest.mark.parametrize("lost_runs", ["fail", "continue"])
async def test_a_worker_that_is_killed_is_replaced(lost_runs: Literal["fail", "continue"], tmp_path: Path) -> None:
    store, moments = SqliteStore(tmp_path / "sessions.db"), random.Random(20_26)
    async with server(store, settings=settings(lost_runs)) as url, audience(url) as all_, AsyncExitStack() as stack:
        working = await stack.enter_async_context(worker(url))
        for number in range(1, ROUNDS + 1):
            await all_.prompt(str(number))
            reading = asyncio.create_task(all_.until_ended(number))
            await asyncio.sleep(moments.uniform(0.15, 0.4))
            await working.kill()
            working = await stack.enter_async_context(worker(url))
            await reading
        for log in all_.assert_alike():
            assert_kept(log, lost_runs)


def assert_kept(log: list[Message], lost_runs: str) -> None:
    runs = runs_of(log)
    assert len(runs) == ROUNDS
    starts = Counter(event["run"] for event in log if event["kind"] == "run-start")
    for run in runs:
        said, below = words(log, run), words(log, run, "a1")
        (ending,) = (event["data"] for event in log if event["kind"] == "run-end" and event["run"] == run)
        assert (ANSWER.startswith(said), BELOW.startswith(below)) == (True, True)
        if lost_runs == "continue":
            assert (said, below, ending) == (ANSWER, BELOW, {"reason": "completed"})
            assert starts[run] == 2
        else:
            assert ending == {"reason": "failed", "error": "the worker was lost"}
            assert starts[run] == 1


async def test_a_worker_that_was_frozen_past_its_lease_is_fenced(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "sessions.db")
    async with server(store, settings=settings("continue")) as url, audience(url) as all_, worker(url) as frozen:
        await all_.prompt("k")
        reading = asyncio.create_task(all_.until_ended(1))
        await eventually(lambda: all(len(device.events) > 20 for device in all_.devices))
        frozen.signal(signal.SIGSTOP)
        async with worker(url) as other:
            await eventually(lambda: all(device.kinds().count("run-start") == 2 for device in all_.devices))
            frozen.signal(signal.SIGCONT)
            await reading
            await other.kill()
        await all_.prompt("again")  # it is a worker again
        await all_.until_ended(2)
    for log in all_.assert_alike():
        holders = [event["data"]["holder"] for event in log if event["kind"] == "run-start"]
        assert holders[:2] == [frozen.said, other.said]
        assert holders[2] != other.said
        for run in runs_of(log):
            assert (words(log, run), words(log, run, "a1")) == (ANSWER, BELOW)


async def test_a_worker_goes_on_on_another_server_when_its_own_is_killed(tmp_path: Path) -> None:
    with servers.redis(tmp_path) as redis:
        options = ("--port", "0", "--agents", "workers", "--storage", f"redis://127.0.0.1:{redis.port}/0")
        async with AsyncExitStack() as stack:
            one, two = [await stack.enter_async_context(process("reference_impl", *options)) for _ in range(2)]
            all_ = await stack.enter_async_context(audience(two.said))
            await stack.enter_async_context(worker(one.said, two.said))
            await all_.prompt("k")
            reading = asyncio.create_task(all_.until_ended(1))
            await eventually(lambda: all(len(device.events) > 20 for device in all_.devices))
            await one.kill()
            await reading
            for log in all_.assert_alike():
                (run,) = runs_of(log)
                assert [event["kind"] for event in log].count("run-start") == 1
                assert (words(log, run), words(log, run, "a1")) == (ANSWER, BELOW)


async def test_a_worker_that_is_told_to_stop_ends_what_it_has_begun() -> None:
    async with server(settings=settings("fail")) as url, audience(url) as all_, worker(url) as working:
        await all_.prompt("k")
        reading = asyncio.create_task(all_.until_ended(2))
        await eventually(lambda: all(len(device.events) > 10 for device in all_.devices))
        working.signal(signal.SIGTERM)
        await all_.prompt("another")
        assert await asyncio.wait_for(working.running.wait(), 5) == 0
        assert all(device.endings() == ["completed"] for device in all_.devices)
        async with worker(url):
            await reading
        for log in all_.assert_alike():
            assert [words(log, run) for run in runs_of(log)] == [ANSWER, ANSWER]


async def test_a_server_that_takes_no_workers_says_so() -> None:
    async with server() as url, worker(url) as refused:
        assert await asyncio.wait_for(refused.running.wait(), 10) == 2


async def test_a_worker_finds_its_server_when_that_comes_later() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    async with worker(f"http://127.0.0.1:{port}"):
        app = build_app(settings=settings("fail"))
        async with listening(app, "127.0.0.1", port) as url, audience(url) as all_:
            await all_.prompt("k")
            await all_.until_ended(1)
            assert {event["data"]["reason"] for log in all_.assert_alike() for event in log[-1:]} == {"completed"}
