"""The processes that are killed: started on their old place again, they have what they had on disk."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0


@dataclass
class Victim:
    """One process. port: where it listens; it is there when that can be reached (0: it listens nowhere)."""

    name: str
    argv: Sequence[str]
    port: int
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start it and wait until it can be reached."""
        self.process = await asyncio.create_subprocess_exec(
            *self.argv, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
        )
        if self.port:
            async with asyncio.timeout(START_S):
                await self._reached()

    async def kill(self) -> None:
        """kill -9, if it still runs."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def _reached(self) -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def node(storage: str, port: int, *more: str) -> Victim:
    """A server of the reference."""
    argv = [sys.executable, "-m", "reference_impl", "--port", str(port), "--storage", storage, *more]
    return Victim(f"node:{port}", argv, port)


def worker(*ports: int) -> Victim:
    """Agents in a process of their own, for any of these servers."""
    places = [part for port in ports for part in ("--connect", f"http://127.0.0.1:{port}")]
    argv = [sys.executable, "-m", "reference_impl.agents", *places, "--slots", "100"]
    return Victim("worker", argv, 0)


def redis(folder: Path, port: int) -> Victim:
    """redis-server that syncs its append-only file on every write."""
    place = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--loglevel", "warning"]
    return Victim("redis-server", ["redis-server", *place, "--appendonly", "yes", "--appendfsync", "always"], port)


def nats(folder: Path, port: int) -> Victim:
    """nats-server with JetStream on disk."""
    place = ["-a", "127.0.0.1", "-p", str(port), "-sd", str(folder)]
    return Victim("nats-server", ["nats-server", "-js", *place, "-l", str(folder / "log")], port)
