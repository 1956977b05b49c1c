"""A server that cannot begin says why in one line, soon, with an exit code for programs, and touches nothing."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.sockets

SOON_S = 5.0


@contextmanager
def taken() -> Iterator[int]:
    """A port that somebody listens on and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


async def said(*argv: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a server that is started like that, within five seconds."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", *argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    loop = asyncio.get_running_loop()
    began = loop.time()
    out, err = await asyncio.wait_for(server.communicate(), 20)
    assert loop.time() - began < SOON_S + 3  # starting Python is not part of it
    assert out == b""
    told = [line for line in err.decode().splitlines() if "no token key" not in line]
    return server.returncode or 0, told


@pytest.mark.parametrize("scheme", ["redis", "nats"])
async def test_storage_that_is_not_there_or_does_not_answer(scheme: str) -> None:
    with taken() as port:
        found = await asyncio.gather(
            said("--port", "0", "--storage", f"{scheme}://127.0.0.1:{port}"),
            said("--port", "0", "--storage", f"{scheme}://127.0.0.1:1"),
        )
    for code, lines in found:
        assert (code, len(lines)) == (3, 1), lines
        assert lines[0].startswith("durable session server: ")


async def test_a_port_that_somebody_else_has() -> None:
    with taken() as port:
        code, lines = await said("--port", str(port))
    assert (code, len(lines)) == (3, 1)
    assert str(port) in lines[0]


async def test_a_database_that_is_damaged_newer_or_somebody_elses_is_left_as_it_is(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.db" for name in ("damaged", "newer", "foreign")}
    paths["damaged"].write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    for name, version in (("newer", 99), ("foreign", 0)):
        with closing(sqlite3.connect(paths[name])) as database:
            database.execute("CREATE TABLE theirs (x)")
            database.execute(f"PRAGMA user_version = {version}")
            database.commit()
    before = {name: path.read_bytes() for name, path in paths.items()}
    found = await asyncio.gather(*(said("--port", "0", "--storage", f"sqlite:{path}") for path in paths.values()))
    for code, lines in found:
        assert (code, len(lines)) == (3, 1), lines
    assert {name: path.read_bytes() for name, path in paths.items()} == before


async def test_an_address_that_is_none() -> None:
    code, lines = await said("--storage", "tape:7")
    assert code == 2
    assert "possible are memory, sqlite:PATH, redis://" in lines[-1]
