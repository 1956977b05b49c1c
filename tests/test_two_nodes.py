"""The whole audit of the reference on two servers with one storage, behind a balancer, while one after the other is
killed: nothing may be missing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from audit.builtin import REFERENCE, toml

from .balancer import balancing
from .reference_impl import servers
from .reference_impl.devices import eventually

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]

PYTHON = (sys.executable, "-P", "-m")
AUDIT = [*PYTHON, "audit.cli", "run"]


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
    gaps = [finding for finding in result["findings"] if finding["verdict"] == "gap"]
    # each server counts its own devices only, and says so (docs/protocol.md); that weighs nothing
    assert [finding["why"] for finding in gaps if finding["rule"] != "presence"] == []
    assert [score["score"] for score in result["scores"].values()] == [100.0, 100.0, 100.0]
    assert min(balancer.dealt.values()) > 20
