"""A small session server that speaks docs/protocol.md over WebSocket and does exactly one thing wrong.

The load has to find what was planted, and nothing else: this is its negative control.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

EPOCH = "e"
Event = dict[str, Any]


@dataclass
class Log:
    """One session."""

    events: list[Event] = field(default_factory=list)
    followers: list[ServerConnection] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    runs: dict[str, str] = field(default_factory=dict)  # by key

    def event(self, kind: str, run: str, data: Event) -> Event:
        self.events.append(
            {"type": "event", "epoch": EPOCH, "offset": len(self.events) + 1, "kind": kind, "run": run, "data": data}
        )
        return self.events[-1]


class Planted:
    """defect: which one. refuse: upgrades that are answered 503, when two devices are in. seen: requests by type."""

    def __init__(self, defect: str = "", refuse: int = 0) -> None:
        self.defect, self.refuse = defect, refuse
        self.sessions: dict[str, Log] = {}
        self.seen: list[str] = []
        self.cursors: list[str | None] = []
        self.url = ""
        self.tasks: set[asyncio.Task[None]] = set()
        self.over = asyncio.Event()

    # -- connections ----------------------------------------------------------------------------------------------

    async def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.seen.count("subscribe") < 2:
            return None  # everybody comes in at first
        if self.defect == "deaf":
            await self.over.wait()
        if self.refuse <= 0:
            return None
        self.refuse -= 1
        return Response(503, "Busy", Headers({"Retry-After": "0", "Content-Length": "0"}))

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        log = self.sessions.setdefault(connection.request.path.split("/")[3], Log())
        with suppress(ConnectionClosed):
            async for text in connection:
                message = json.loads(text)
                self.seen.append(message["type"])
                await getattr(self, message["type"])(log, connection, message)
        if connection in log.followers:
            log.followers.remove(connection)

    async def subscribe(self, log: Log, connection: ServerConnection, message: Event) -> None:
        cursor = message.get("cursor")
        self.cursors.append(cursor)
        after = int(cursor.split(":")[1]) if cursor else 0
        if self.defect == "refused-subscription":
            await self._tell(connection, {"type": "reply", "id": message["id"], "ok": False, "code": "no"})
            return
        if self.defect == "never-back" and cursor is not None:
            return
        granted = {"ok": True, "recovered": True, "epoch": EPOCH, "head": len(log.events)}
        await self._tell(connection, {"type": "reply", "id": message["id"], **granted})
        for event in self._history(log.events[after:], resumed=cursor is not None):
            await self._tell(connection, event)
        log.followers.append(connection)
        await self._tell(connection, {"type": "caught-up", "cursor": f"{EPOCH}:{len(log.events)}"})

    async def prompt(self, log: Log, connection: ServerConnection, message: Event) -> None:
        key = message["key"]
        if self.defect == "refused-prompt":
            await self._tell(connection, {"type": "reply", "id": message["id"], "ok": False, "code": "busy"})
            return
        known = key in log.runs
        run = log.runs.setdefault(key, f"r_{len(log.runs)}")
        if not (self.defect == "no-reply" and not known):
            reply = {"ok": True, "run": run, "duplicate": known}
            await self._tell(connection, {"type": "reply", "id": message["id"], **reply})
        if not known:
            items, pace = (int(found) for found in re.findall(r"(?:items|pace_ms)=(\d+)", message["text"]))
            await self._append(log, "user", run, {"id": key, "key": key, "text": "…"})
            await self._append(log, "run-start", run, {})
            task = asyncio.create_task(self._answer(log, run, items, pace / 1e3))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def stop(self, log: Log, connection: ServerConnection, message: Event) -> None:
        run = message.get("run") or log.runs[message["key"]]
        if self.defect != "stop-ignored":
            log.stopped.add(run)
        await self._tell(connection, {"type": "reply", "id": message["id"], "ok": True, "run": run, "ended": False})

    async def steer(self, log: Log, connection: ServerConnection, message: Event) -> None:
        run, id = message["run"], f"s_{message['key']}"
        await self._tell(connection, {"type": "reply", "id": message["id"], "ok": True, "steer": id})
        await self._append(log, "steer", run, {"id": id, "key": message["key"], "text": message["text"], "by": "d"})
        if self.defect != "steer-swallowed":
            await self._append(log, "steer-outcome", run, {"id": id, "outcome": "refused"})

    # -- what it says ---------------------------------------------------------------------------------------------

    def _history(self, events: list[Event], *, resumed: bool) -> list[Event]:
        texts = [place for place, event in enumerate(events) if event["kind"] == "text"]
        if not resumed or not texts:
            return events
        first = texts[0]
        if self.defect == "skip-at-resume":
            return events[:first] + events[first + 1 :]
        if self.defect == "repeat-at-resume":
            return [*events[: first + 1], {**events[first], "epoch": "other"}, *events[first + 1 :]]
        if self.defect == "replay-at-resume":
            return [events[first], *events]
        return events

    async def _answer(self, log: Log, run: str, items: int, pace: float) -> None:
        numbers = list(range(1, items + 1))
        if self.defect == "reorder":
            numbers[3], numbers[4] = numbers[4], numbers[3]
        for number in numbers:
            await asyncio.sleep(pace)
            if run in log.stopped and self.defect != "late-stop":
                break
            word = "garbled" if self.defect == "garble" and number == 4 else f"tok-{number:04d}"
            await self._append(log, "text", run, {"text": f"{word} "})
        reason = "stopped" if run in log.stopped else "completed"
        reason = "failed" if self.defect == "fail" else reason
        if self.defect != "no-end":
            await self._append(log, "run-end", run, {"reason": reason})

    async def _append(self, log: Log, kind: str, run: str, data: Event) -> None:
        event = log.event(kind, run, data)
        for connection in list(log.followers):
            with suppress(ConnectionClosed):
                await self._tell(connection, event)
        if self.defect == "hang-up" and event["offset"] == 6:
            for connection in list(log.followers):
                await connection.close(1001)

    async def _tell(self, connection: ServerConnection, message: Event) -> None:
        await connection.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


@asynccontextmanager
async def planted(defect: str = "", refuse: int = 0) -> AsyncIterator[Planted]:
    """The server, as long as it is needed."""
    found = Planted(defect, refuse)
    async with serve(
        found.talk, "127.0.0.1", 0, process_request=found.admit, compression=None, close_timeout=0.1
    ) as server:
        found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield found
        found.over.set()
        for task in tuple(found.tasks):
            task.cancel()
