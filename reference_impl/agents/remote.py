"""A run in the hands of an agent that is a process of its own: what it says is kept until the server has it for good.

Everything is numbered or named, so after a reconnect, to whatever server, all that was not acknowledged is simply said
again. Nothing here reads or writes a socket.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .base import Said, Wish

Message = dict[str, Any]
Send = Callable[[Message], None]  # does nothing while there is no connection


class _Voice:
    """What one agent of the run said that is not acknowledged yet, with its numbers. durable: up to which it is."""

    def __init__(self) -> None:
        self.last = 0
        self.durable = 0
        self.unsaved: deque[tuple[int, str]] = deque()
        self.room = asyncio.Event()

    def saved(self, upto: int) -> None:
        self.durable = max(self.durable, upto)
        while self.unsaved and self.unsaved[0][0] <= upto:
            self.unsaved.popleft()
        self.room.set()


@dataclass(frozen=True, slots=True)
class RemoteWish:
    """A steer that waits for the agent's answer."""

    text: str
    answer: Callable[[str], None]

    async def take(self) -> None:
        """Say that it is taken."""
        self.answer("taken")

    async def refuse(self) -> None:
        """Say that it is not."""
        self.answer("refused")


class RemoteRun:
    """agents.base.Turn. told: the server's `run` message. window: pieces of each agent that may be unacknowledged."""

    def __init__(self, told: Message, window: int, send: Send) -> None:
        self.session: str = told["session"]
        self.id: str = told["run"]
        self.claim: int = told["claim"]
        self.prompt: str = told["prompt"]
        self.wishes: asyncio.Queue[Wish] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None
        self.stopped = False
        self.attached = True  # on this connection; what is said before that is said again then
        self._said: Mapping[str, str] = told["said"]
        self._window = window
        self._send = send
        self._voices: dict[str, _Voice] = {}
        self._steers: dict[str, str] = {}  # id → outcome, empty while the agent thinks
        self._asked: dict[str, tuple[str, asyncio.Future[bool]]] = {}
        self._histories: list[asyncio.Future[Sequence[Said]]] = []
        self._ending: Message | None = None
        self._take_steers(told)

    # -- what the agent does ---------------------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """What another agent said before it was cut off."""
        return self.said_by("")

    def said_by(self, agent: str) -> str:
        """What a sub-agent said before it was cut off."""
        return self._said.get(agent, "")

    async def history(self) -> Sequence[Said]:
        """The conversation before, from the server."""
        told: asyncio.Future[Sequence[Said]] = asyncio.get_running_loop().create_future()
        self._histories.append(told)
        self._tell("history")
        return await told

    async def ask(self, what: str) -> bool:
        """Wait for the first answer of whoever uses the session."""
        id_ = f"q_{secrets.token_hex(6)}"
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[id_] = (what, answer)
        self._tell("ask", id=id_, what=what)
        return await answer

    async def say(self, agent: str, text: str) -> None:
        """Add a piece of a sub-agent's, or of the agent itself (no name); waits while too much is unacknowledged."""
        voice = self._voices.setdefault(agent, _Voice())
        while len(voice.unsaved) >= self._window:
            voice.room.clear()
            await voice.room.wait()
        voice.last += 1
        voice.unsaved.append((voice.last, text))
        self._append(agent, voice.last, text)

    def finish(self, reason: str, error: str | None = None) -> None:
        """The agent is done."""
        self._ending = {"reason": reason} | ({"error": error} if error else {})
        self._tell("finish", **self._ending)

    # -- what the server tells -------------------------------------------------------------------------------------

    def held(self) -> Message:
        """How this run is named in the hello of a new connection; nothing is said about it until that is answered."""
        self.attached = False
        last = {name: voice.durable for name, voice in self._voices.items()}
        return {"session": self.session, "run": self.id, "claim": self.claim, "last": last}

    def hear(self, told: Message) -> None:
        """Take in one message about this run."""
        match told["type"]:
            case "ack":
                self._voices.setdefault(told.get("agent", ""), _Voice()).saved(told["seq"])
            case "stop":
                self._stop()
            case "steer":
                self._take_steer(told)
            case "approval":
                self._approved(told)
            case "history":
                self._told(told["messages"])
            case "held":
                self._held(told)

    def call_off(self) -> None:
        """The run is not this worker's any more, or over."""
        if self.task is not None:
            self.task.cancel()

    def _held(self, told: Message) -> None:
        """There is a connection again: take in what was missed, say again what may not have arrived."""
        self.attached = True
        for agent, last in told["last"].items():
            self._voices.setdefault(agent, _Voice()).saved(last)
        for approval in told["approvals"]:
            self._approved(approval)
        self._take_steers(told)
        if told["stopping"]:
            self._stop()
        for agent, voice in self._voices.items():
            for sequence, text in voice.unsaved:
                self._append(agent, sequence, text)
        for id_, (what, _) in self._asked.items():
            self._tell("ask", id=id_, what=what)
        for id_ in (steer["id"] for steer in told["steers"]):
            if self._steers[id_]:
                self._tell("steer-outcome", id=id_, outcome=self._steers[id_])
        if self._histories:
            self._tell("history")
        if self._ending is not None:
            self._tell("finish", **self._ending)

    def _stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self.call_off()

    def _take_steers(self, told: Message) -> None:
        for steer in told["steers"]:
            self._take_steer(steer)

    def _take_steer(self, steer: Message) -> None:
        id_: str = steer["id"]
        if id_ in self._steers:
            return

        def answer(outcome: str) -> None:
            self._steers[id_] = outcome
            self._tell("steer-outcome", id=id_, outcome=outcome)

        self._steers[id_] = ""
        self.wishes.put_nowait(RemoteWish(steer["text"], answer))

    def _approved(self, approval: Message) -> None:
        _, answer = self._asked.pop(approval["id"], ("", None))
        if answer is not None and not answer.done():
            answer.set_result(bool(approval["granted"]))

    def _told(self, messages: Sequence[Message]) -> None:
        waiting, self._histories = self._histories, []
        for each in waiting:
            if not each.done():
                each.set_result([Said(message["role"], message["text"]) for message in messages])

    def _append(self, agent: str, sequence: int, text: str) -> None:
        self._tell("append", seq=sequence, text=text, **({"agent": agent} if agent else {}))

    def _tell(self, type_: str, **fields: object) -> None:
        if self.attached:
            self._send({"type": type_, "session": self.session, "run": self.id, "claim": self.claim, **fields})
