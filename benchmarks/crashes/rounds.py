"""One victim, many rounds: killed at a random moment while every device is in the middle of something."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

import aiohttp

from .devices import Device, Told
from .judge import faults
from .victims import Victim

Row: TypeAlias = dict[str, Any]

BACK_S = 30.0  # until every device that has something to hear has heard something again
END_S = 60.0


@dataclass(frozen=True)
class Case:
    """all: everything that is started, in order; victims: those that are killed, one a round, in turn."""

    name: str
    all: Sequence[Victim]
    victims: Sequence[Victim]
    nodes: Sequence[str]


@asynccontextmanager
async def running(case: Case) -> AsyncIterator[None]:
    """Everything is there; at the end nothing is."""
    try:
        for each in case.all:
            await each.start()
        yield
    finally:
        for each in reversed(case.all):
            await each.kill()


async def suffer(case: Case, *, rounds: int, sessions: int, devices: int, seed: int = 1) -> Row:
    """Kill round after round, then let everything come to rest and compare. Figures and faults."""
    rng = Random(seed)
    async with running(case), _http() as http:
        crowd = [
            Device(f"c{n % sessions}", case.nodes, http, Random(rng.random()), asks=n < sessions)
            for n in range(devices)
        ]
        lives = [asyncio.create_task(device.live()) for device in crowd]
        for number in range(rounds):
            await _progress(crowd)
            await asyncio.sleep(rng.uniform(0.0, 0.3))
            victim = case.victims[number % len(case.victims)]
            await victim.kill()
            await victim.start()
            print(f"{case.name}: round {number + 1} of {rounds}", flush=True)
        await _progress(crowd)
        found, ended = await _rest(case, crowd, sessions)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
    return {
        "case": case.name,
        "rounds": rounds,
        "devices": devices,
        "events": sum(len(device.events) for device in crowd),
        "prompts": sum(len(device.acknowledged) for device in crowd),
        "resumes": sum(device.resumes for device in crowd),
        "endings": dict(ended),
        "faults": found,
    }


class Stuck(Exception):
    """A device is told nothing any more; the message says which, and what each server knows of its session."""


async def _progress(crowd: Sequence[Device]) -> None:
    """Wait until every device has been told something new. Raises Stuck."""
    before = [len(device.events) for device in crowd]
    try:
        await _all_told(crowd, before)
    except TimeoutError:
        stuck = [device for device, seen in zip(crowd, before, strict=True) if len(device.events) == seen]
        raise Stuck("\n".join([await _known(device) for device in stuck[:5]])) from None


async def _known(device: Device) -> str:
    told = [f"{device.session}: {len(device.events)} events, {device.resumes} resumes, last {device.events[-1:]}"]
    async with _http() as http:
        for node in device.nodes:
            try:
                summary = await _summary(http, node, device.session)
            except (aiohttp.ClientError, OSError, TimeoutError, KeyError, ValueError) as problem:
                told.append(f"  {node}: {problem!r}")
                continue
            open_ = [run for run in summary["runs"] if run["state"] in ("queued", "running", "stopping")]
            told.append(f"  {node}: head {summary['head']}, going on: {open_}")
    return "\n".join(told)


async def _all_told(crowd: Sequence[Device], before: Sequence[int]) -> None:
    async with asyncio.timeout(BACK_S):
        while any(len(device.events) == seen for device, seen in zip(crowd, before, strict=True)):  # noqa: ASYNC110 - of many
            await asyncio.sleep(0.02)


async def _rest(case: Case, crowd: Sequence[Device], sessions: int) -> tuple[list[str], Counter[str]]:
    """Nobody asks any more; when every run is over and every device knows, hold all of it against the logs."""
    for device in crowd:
        device.over = True
    found: list[str] = []
    ended: Counter[str] = Counter()
    for number in range(sessions):
        mine = [device for device in crowd if device.session == f"c{number}"]
        log = await _log(case.nodes[0], f"c{number}", mine)
        ended.update(event["data"]["reason"] for event in log if event["kind"] == "run-end")
        found += [f"session c{number}: {fault}" for fault in faults(log, mine)]
    return found, ended


async def _log(url: str, session: str, devices: Sequence[Device]) -> list[Told]:
    async with _http() as http, asyncio.timeout(END_S):
        while True:
            resting = not any(device.wanted for device in devices)  # asked first: what is acknowledged after it counts
            summary = await _summary(http, url, session)
            over = resting and all(
                run["state"] in ("completed", "stopped", "failed", "superseded") for run in summary["runs"]
            )
            if over and all(len(device.events) >= summary["head"] for device in devices):
                break
            await asyncio.sleep(0.1)
        log: list[Told] = []
        async with http.ws_connect(f"{url}/v1/sessions/{session}/ws") as socket:
            await socket.send_str(json.dumps({"type": "subscribe", "id": "sub"}))
            while len(log) < summary["head"]:
                message = json.loads(await socket.receive_str())
                log += [message] if message["type"] == "event" else []
        return log


async def _summary(http: aiohttp.ClientSession, url: str, session: str) -> Told:
    async with http.get(f"{url}/v1/sessions/{session}") as response:
        summary: Told = await response.json()
        return summary


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(10))
