"""Devices that never give up: they resume at whatever server answers, ask again what was not acknowledged, and keep all
they were told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random
from typing import Any, TypeAlias

import aiohttp

Told: TypeAlias = dict[str, Any]

DEAD_S = 4.0  # of silence; a server says something every second
AGAIN_S = (0.02, 0.2)


@dataclass
class Device:
    """One device of a session. asks: it prompts, too. events: everything it was told, over all its connections.

    acknowledged: prompt key → run. stops: runs whose stop was acknowledged. gaps: resumes that were not recovered.
    """

    session: str
    nodes: Sequence[str]
    http: aiohttp.ClientSession
    rng: Random
    asks: bool = False
    events: list[Told] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    resumes: int = 0
    over: bool = False  # prompts no more
    wanted: list[str] = field(default_factory=list)  # keys of prompts that are not acknowledged

    async def live(self) -> None:
        """Until cancelled."""
        nodes = cycle(self.nodes)
        for _ in range(self.rng.randrange(len(self.nodes))):
            next(nodes)
        keys = (f"{self.session}-{number}" for number in count())
        while True:
            try:
                async with self.http.ws_connect(f"{next(nodes)}/v1/sessions/{self.session}/ws") as socket:
                    await self._connected(socket, keys)
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(self.rng.uniform(*AGAIN_S))

    async def _connected(self, socket: aiohttp.ClientWebSocketResponse, keys: Any) -> None:
        last = self.events[-1] if self.events else None
        cursor = {"cursor": f"{last['epoch']}:{last['offset']}"} if last else {}
        await socket.send_str(json.dumps({"type": "subscribe", "id": "sub"} | cursor))
        self.resumes += 1
        asking = asyncio.create_task(self._ask(socket, keys)) if self.asks else None
        try:
            while True:
                message = await socket.receive(DEAD_S)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                self._hear(json.loads(message.data))
        finally:
            if asking is not None:
                asking.cancel()

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse, keys: Any) -> None:
        """Prompt after prompt; one that was not acknowledged is sent again with its key."""
        while True:
            if not self.wanted and not self.over:
                self.wanted.append(next(keys))
            for key in self.wanted:
                text = f'[items=60 pace_ms=8 format="{key}/{{}}"]'
                await socket.send_str(json.dumps({"type": "prompt", "id": f"p:{key}", "key": key, "text": text}))
                if key.endswith("3"):
                    await socket.send_str(json.dumps({"type": "stop", "id": f"s:{key}", "key": key}))
            await asyncio.sleep(self.rng.uniform(0.3, 0.6))

    def _hear(self, message: Told) -> None:
        if message["type"] == "event":
            self.events.append(message)
        elif message["type"] == "reply":
            self._answered(message)

    def _answered(self, reply: Told) -> None:
        what, _, key = reply["id"].partition(":")
        if what == "sub" and not reply.get("recovered"):
            self.gaps.append(json.dumps(reply))
        elif what == "p" and reply["ok"]:
            self.acknowledged[key] = reply["run"]
            if key in self.wanted:
                self.wanted.remove(key)
        elif what == "s" and reply["ok"] and "run" in reply and not reply["ended"]:
            self.stops.add(reply["run"])
