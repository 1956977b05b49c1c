"""A worker by hand: speaks the protocol of docs/agents.md frame by frame, in code of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from reference_impl.settings import Settings
from reference_impl.storage.memory import MemoryStore

from ..devices import PATIENCE_S, Message

WORKERS = Settings(agents="workers")
ONE, OTHER = "w_00000000000000a1", "w_00000000000000b2"


class SharedMemory(MemoryStore):
    """For several servers of one process; it outlives them."""

    shared = True

    async def close(self) -> None:
        pass


class RawWorker:
    """Frames in, frames out. It does not beat by itself."""

    def __init__(self, socket: ClientConnection, name: str) -> None:
        self.socket = socket
        self.name = name
        self.seen: list[Message] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type_} | fields))

    async def next(self, *types: str) -> Message:
        """The next message of one of these types; others are kept in `seen`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message: Message = json.loads(await self.socket.recv())
                self.seen.append(message)
                if message["type"] in types:
                    return message

    async def claimed(self) -> Message:
        """Take the next offer; the run that it got."""
        offer = await self.next("offer")
        await self.send("claim", session=offer["session"], run=offer["run"])
        return await self.next("run")

    async def append(self, run: Message, seq: int, text: str, **fields: Any) -> None:
        await self.about(run, "append", seq=seq, text=text, **fields)

    async def about(self, run: Message, type_: str, **fields: Any) -> None:
        await self.send(type_, **{"session": run["session"], "run": run["run"], "claim": run["claim"]} | fields)


def held(run: Message, claim: int | None = None) -> Message:
    """How a run that may be held is named in a hello."""
    return {"session": run["session"], "run": run["run"], "claim": run["claim"] if claim is None else claim}


@asynccontextmanager
async def raw_worker(
    url: str, name: str = ONE, slots: int = 1, runs: Sequence[Message] = ()
) -> AsyncIterator[RawWorker]:
    address = url.replace("http", "ws", 1) + "/v1/work"
    async with connect(address, proxy=None, close_timeout=1) as socket:
        worker = RawWorker(socket, name)
        await worker.send("hello", worker=name, slots=slots, runs=list(runs))
        await worker.next("welcome")
        yield worker
