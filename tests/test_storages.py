"""The whole audit of the reference server on every storage: nothing may be missing on any of them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from audit.builtin import REFERENCE, command, toml

from .balancer import balancing
from .reference_impl import servers
from .reference_impl.devices import eventually

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]

PYTHON = (sys.executable, "-P", "-m")
AUDIT = [*PYTHON, "audit.cli", "run"]


@contextmanager
def storage(name: str, folder: Path) -> Iterator[str]:
    """The address of a storage; its server runs as long as the context."""
    folder.mkdir()
    started: Callable[[Path], Any] | None = {"redis": servers.redis, "nats": servers.nats}.get(name)
    with started(folder) if started else nullcontext() as server:
        yield f"{name}://127.0.0.1:{server.port}" if server else name if name == "memory" else f"sqlite:{folder}/s.db"


class Node:
    """A server that leaves its runs to workers."""

    def __init__(self, address: str) -> None:
        self.port = servers._free_port()
        self.process: asyncio.subprocess.Process | None = None
        self._argv = ("--port", str(self.port), "--storage", address, "--agents", "workers")

    async def start(self) -> None:
        """Return when it listens."""
        argv = (*PYTHON, "reference_impl", *self._argv)
        self.process = await asyncio.create_subprocess_exec(*argv, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert b"listening" in await self.process.stdout.readline()

    async def restart(self) -> None:
        """kill -9, and again."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        await self.start()


def audited(name: str, folder: Path) -> dict[str, Any]:
    """The result of an audit of a server on that storage."""
    with (
        storage(name, folder) as address,
        subprocess.Popen(command(REFERENCE, 0, address), stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("listening on ").strip()
        (folder / "target.toml").write_text(toml(REFERENCE, url))
        out = str(folder / "result.json")
        argv = [*AUDIT, str(folder / "target.toml"), "--seed", "5", "--jobs", "3", "--runs", str(folder), "--json", out]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=150, check=False)
        server.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(Path(out).read_text())
    return result


def test_the_reference_is_whole_on_every_storage(tmp_path: Path) -> None:
    names = ("memory", "sqlite", "redis", "nats")
    with ThreadPoolExecutor(len(names)) as pool:
        results = dict(zip(names, pool.map(audited, names, [tmp_path / name for name in names]), strict=True))
    for name, result in results.items():
        gaps = [finding for finding in result["findings"] if finding["verdict"] == "gap"]
        assert gaps == [], name
        assert [score["score"] for score in result["scores"].values()] == [100.0, 100.0, 100.0], name


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[list[Node]]:
    """Two servers on one Redis, and a worker that any of them will do for."""
    with servers.redis(tmp_path) as storage:
        started = [Node(f"redis://127.0.0.1:{storage.port}/0") for _ in range(2)]
        for node in started:
            await node.start()
        connect = [part for node in started for part in ("--connect", f"http://127.0.0.1:{node.port}")]
        worker = await asyncio.create_subprocess_exec(*PYTHON, "reference_impl.agents", *connect, "--slots", "64")
        yield started
        for process in (worker, *(node.process for node in started)):
            assert process is not None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def test_two_nodes_behind_a_plain_balancer_are_whole_while_one_of_them_is_killed(
    nodes: list[Node], tmp_path: Path
) -> None:
    async with balancing([node.port for node in nodes]) as (balancer, port):
        target, out = tmp_path / "target.toml", tmp_path / "result.json"
        target.write_text(toml(REFERENCE, f"http://127.0.0.1:{port}"))
        argv = [*AUDIT, str(target), "--seed", "5", "--runs", str(tmp_path), "--json", str(out)]
        audit = await asyncio.create_subprocess_exec(*argv, stdout=subprocess.PIPE)
        for victim, busy in ((nodes[0], 40), (nodes[1], 90)):
            await eventually(lambda wanted=busy: sum(balancer.dealt.values()) >= wanted)  # type: ignore[misc]
            await victim.restart()
        said, _ = await audit.communicate()
    assert audit.returncode == 0, said.decode()
    result = json.loads(out.read_text())
    assert [finding["why"] for finding in result["findings"] if finding["verdict"] == "gap"] == []
    assert [score["score"] for score in result["scores"].values()] == [100.0, 100.0, 100.0]
    assert min(balancer.dealt.values()) > 20
