from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit import agent_cli
from audit.cli import main
from reference_impl.agents.kinds import KINDS


def test_the_agents_are_those_that_there_are() -> None:
    assert tuple(KINDS) == agent_cli.AGENTS


def test_its_options_are_checked_before_anything_is_started() -> None:
    for wrong in ([], ["--connect", "http://x", "--agent", "nobody"], ["--connect", "http://x", "--slots", "0"]):
        told = CliRunner().invoke(main, ["agent", *wrong])
        assert told.exit_code == 2, wrong
        assert "Usage" in told.output


@pytest.mark.sockets
async def test_it_becomes_the_worker() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "audit.cli", "agent", "--connect", "http://127.0.0.1:9", "--slots", "2",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        assert line.startswith(b"worker w_")
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
