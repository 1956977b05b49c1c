"""A server that is told to end: it says so first, sends everybody away, and another one goes on."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed

from reference_impl.server import build_app, listening
from reference_impl.storage.base import StoreError
from reference_impl.storage.memory import MemoryStore
from reference_impl.transports.entry import DOOR

from .devices import Client, Message, SseDevice, WsDevice, client, eventually, server

pytestmark = pytest.mark.sockets

DEVICES = 200
BOUND_S = 5.0


@asynccontextmanager
async def process(path: Path, *options: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The server as a process of its own; killed when the context ends, if it still runs."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", "--port", "0", "--storage", f"sqlite:{path}", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert running.stdout is not None
    try:
        line = (await asyncio.wait_for(running.stdout.readline(), 20)).decode()
        yield line.removeprefix("listening on ").strip(), running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def get(url: str, path: str) -> tuple[int, Message, str]:
    """Status, answer and `Retry-After`."""
    async with aiohttp.ClientSession() as http, http.get(url + path) as response:
        return response.status, json.loads(await response.read()), response.headers.get("Retry-After", "")


async def test_a_server_that_drains_is_not_ready_and_takes_commands_but_no_streams() -> None:
    app = build_app()
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone, phone.events() as device:
        assert await get(url, "/ready") == (200, {"ok": True}, "")
        await app[DOOR].drain(0)
        for path in ("/ready", "/v1/sessions/s/events", "/v1/sessions/s/ws"):
            status, told, retry = await get(url, path)
            assert (status, told["code"]) == (503, "draining")
            assert 1 <= int(retry) <= 3
            assert 1_000 <= told["retry_ms"] < 3_000
        assert (await get(url, "/health"))[0] == 200
        await phone.prompt("k", "[items=1 pace_ms=0]")
        await device.until_ended()


async def test_a_server_whose_storage_fails_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("no")

    store = MemoryStore()
    async with server(store) as url:
        monkeypatch.setattr(store, "load", fail)
        status, told, _ = await get(url, "/ready")
        assert (status, told["code"]) == (503, "unavailable")
        monkeypatch.undo()
        assert (await get(url, "/ready"))[0] == 200


async def watch(device: SseDevice | WsDevice) -> None:
    """Read to the end of the connection."""
    try:
        while await device.read():
            pass
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        assert closed.rcvd.code == 1001


async def connect(stack: AsyncExitStack, phones: list[Client], cursors: list[str | None]) -> list[SseDevice | WsDevice]:
    """Half of the devices on each transport, each behind its cursor."""
    devices: list[SseDevice | WsDevice] = []
    for place, cursor in enumerate(cursors):
        phone = phones[place % len(phones)]
        if place % 4 < 2:
            devices.append(await stack.enter_async_context(phone.events(cursor=cursor)))
        else:
            device = await stack.enter_async_context(phone.socket())
            await device.ask("subscribe", **({} if cursor is None else {"cursor": cursor}))
            devices.append(device)
    return devices


async def test_a_deploy_under_two_hundred_devices_costs_each_of_them_one_resume(tmp_path: Path) -> None:
    path, loop = tmp_path / "sessions.db", asyncio.get_running_loop()
    async with process(path, "--drain-s", "0.3") as (url, running), AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(client(url, name)) for name in ("a", "b")]
        devices = await connect(stack, phones, [None] * DEVICES)
        watching = [asyncio.create_task(watch(device)) for device in devices]
        for phone in phones:
            await phone.prompt("k", "[items=5000 pace_ms=5]")
        await eventually(lambda: all(len(device.events) > 5 for device in devices))
        began = loop.time()
        running.send_signal(signal.SIGTERM)
        await asyncio.wait_for(until_not_ready(url), 2)
        assert not any(task.done() for task in watching), "told before it was not ready"
        await asyncio.wait_for(asyncio.gather(*watching), BOUND_S)
        assert await asyncio.wait_for(running.wait(), BOUND_S) == 0
        assert 0.3 <= loop.time() - began < BOUND_S
    retries = [farewell(device) for device in devices]
    assert len(set(retries)) > DEVICES / 4 and max(retries) <= 1_000, "they would all come back at once"
    async with process(path) as (url, _), AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(client(url, name)) for name in ("a", "b")]
        again = await connect(stack, phones, [device.cursor for device in devices])
        for phone in phones:
            await phone.prompt("k2", "[items=10 pace_ms=0]")
        await asyncio.gather(*(device.until_ended() for device in again))
        outcomes = Counter(
            message["recovered"] for device in again for message in device.messages if "recovered" in message
        )
    assert outcomes == {True: DEVICES}
    for place, (before, after) in enumerate(zip(devices, again, strict=True)):
        seen = before.offsets() + after.offsets()
        assert seen == list(range(1, len(seen) + 1)), place
        assert before.endings() + after.endings() == ["failed", "completed"]


def farewell(device: SseDevice | WsDevice) -> int:
    """When the device was told to come back."""
    if isinstance(device, SseDevice):
        return device.retries[-1]
    return next(int(message["retry_ms"]) for message in device.messages if message["type"] == "away")


async def until_not_ready(url: str) -> None:
    while (await get(url, "/ready"))[0] == 200:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.01)
