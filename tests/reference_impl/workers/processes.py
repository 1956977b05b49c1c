"""Workers and servers as processes of their own, and what becomes of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass
class Process:
    """said: what its first line of output ended with: a worker's name, a server's address."""

    running: asyncio.subprocess.Process
    said: str

    def signal(self, number: int) -> None:
        os.kill(self.running.pid, number)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.running.wait()


@asynccontextmanager
async def process(module: str, *options: str) -> AsyncIterator[Process]:
    """A module of ours; killed when the context ends, if it still runs."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *options, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert running.stdout is not None
    try:
        line = (await asyncio.wait_for(running.stdout.readline(), 20)).decode()
        assert line, "it ended before it was ready"
        yield Process(running, line.split()[-1])
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def worker(*urls: str, slots: int = 8) -> AbstractAsyncContextManager[Process]:
    """A worker that knows these servers."""
    connect = [option for url in urls for option in ("--connect", url)]
    return process("reference_impl.agents", *connect, "--slots", str(slots))
