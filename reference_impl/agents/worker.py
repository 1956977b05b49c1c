"""A worker: claims runs from whatever server it is connected to, and lets its agent answer them (docs/agents.md).

It holds what it claimed by a lease that it renews. When no server has confirmed it for that long, others may have its
runs: it calls its agents off and begins a new life under a new name.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Coroutine
from contextlib import aclosing

from .base import Agent, AgentFailure, BadPrompt
from .link import Link
from .remote import Message, RemoteRun

_BEATS = 3  # within a lease

Place = tuple[str, str]

logger = logging.getLogger(__name__)


class Worker:
    """urls: of servers; any of them will do, the next is tried when one is lost. slots: runs at a time. token: what the
    servers ask for. grace_s: how long what was begun may take when it is told to stop."""

    def __init__(
        self, urls: tuple[str, ...], agent: Agent, slots: int, *, token: str = "", grace_s: float = 10.0
    ) -> None:
        self.id = _new_id()
        self._agent = agent
        self._slots = slots
        self._grace_s = grace_s
        self._window = 1
        self._lease_s = 0.0
        self._leased_until = 0.0  # event loop time, seconds; nothing is held by a lease before the first welcome
        self._beaten: list[float] = []  # when the beats that are not answered yet were sent
        self._wanted: dict[Place, None] = {}  # claims that are not answered yet
        self._runs: dict[Place, RemoteRun] = {}
        self._free = asyncio.Event()
        self._link = Link(urls, token, self._hello, self._hear)

    async def serve(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then finish what was begun, as far as there is time, and say goodbye."""
        working: tuple[Coroutine[None, None, None], ...] = (self._link.keep(), self._beat())
        tasks = tuple(map(asyncio.create_task, working))
        try:
            await asyncio.wait((asyncio.ensure_future(stop.wait()), *tasks), return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            await self._drain()
        finally:
            for task in tasks:
                task.cancel()
            for run in self._runs.values():
                run.call_off()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _drain(self) -> None:
        self._slots = 0
        self._link.send({"type": "slots", "slots": 0})
        try:
            async with asyncio.timeout(self._grace_s):
                while self._runs or self._wanted:
                    self._free.clear()
                    await self._free.wait()
        except TimeoutError:
            logger.warning("%d runs are left to other workers", len(self._runs))
        self._link.send({"type": "bye"})
        await self._link.close()

    # -- the connection --------------------------------------------------------------------------------------------

    def _hello(self) -> Message:
        """Who this is, and everything that it may hold."""
        held = [run.held() for run in self._runs.values()]
        wanted = [{"session": session, "run": run, "claim": 0} for session, run in self._wanted]
        self._beaten = [asyncio.get_running_loop().time()]
        return {"type": "hello", "worker": self.id, "slots": self._slots, "runs": held + wanted}

    def _hear(self, text: str) -> None:
        told: Message = json.loads(text)
        type_, place = told["type"], (told.get("session", ""), told.get("run", ""))
        match type_:
            case "welcome":
                self._lease_s, self._window = told["lease_ms"] / 1_000, told["window"]
                self._renew()
            case "beat":
                self._renew()
            case "offer":
                self._wanted[place] = None
                self._link.send({"type": "claim", "session": place[0], "run": place[1]})
            case "gone":
                self._wanted.pop(place, None)
                self._free.set()
            case "run":
                self._begin(place, told)
            case "run-end" | "fenced":
                self._over(place, told)
            case _ if place in self._runs:
                self._runs[place].hear(told)

    def _renew(self) -> None:
        """The server has heard a beat: the lease counts from when that was sent."""
        if self._beaten:
            self._leased_until = self._beaten.pop(0) + self._lease_s

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._lease_s / _BEATS if self._lease_s else 0.1)
            if self._runs and loop.time() > self._leased_until:
                self._lapse()
            elif self._link.connected:
                self._beaten.append(loop.time())
                self._link.send({"type": "beat"})

    def _lapse(self) -> None:
        logger.warning("worker %s was not confirmed in time: its %d runs are given up", self.id, len(self._runs))
        for run in self._runs.values():
            run.call_off()
        self._runs.clear()
        self._wanted.clear()
        self.id = _new_id()
        self._link.again()

    # -- runs ------------------------------------------------------------------------------------------------------

    def _begin(self, place: Place, told: Message) -> None:
        self._wanted.pop(place, None)
        before = self._runs.get(place)
        if before is not None:
            before.call_off()
        self._runs[place] = run = RemoteRun(told, self._window, self._link.send)
        run.task = asyncio.create_task(self._drive(run))
        if told["stopping"]:
            run.hear({"type": "stop"})

    def _over(self, place: Place, told: Message) -> None:
        run = self._runs.get(place)
        if run is None or told.get("claim", run.claim) != run.claim:
            return
        if told["type"] == "fenced":
            logger.warning("run %s of session %s is not ours any more", run.id, run.session)
        del self._runs[place]
        self._free.set()
        run.call_off()

    async def _drive(self, run: RemoteRun) -> None:
        """Let the agent answer; what it says after it was called off reaches nobody."""
        try:
            async with aclosing(self._agent.answer(run)) as pieces:
                async for text in pieces:
                    await run.say("", text)
            run.finish("completed")
        except (AgentFailure, BadPrompt) as failure:
            run.finish("failed", str(failure))
        except asyncio.CancelledError:
            if not run.stopped:
                raise
            run.finish("completed")  # it is stopping: the session ends it as stopped
        except Exception:
            logger.exception("session %s: the agent of run %s broke down", run.session, run.id)
            run.finish("failed", "the agent broke down")


def _new_id() -> str:
    return f"w_{secrets.token_hex(8)}"
