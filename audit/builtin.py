"""The servers that come with the audit: the reference, and the usual wrong ways, each as a child process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from reference_impl.antipatterns import ANTIPATTERNS

from .errors import HarnessError
from .target import Target, load_target

START_S = 15.0
STOP_S = 3.0

REFERENCE = "reference"
_REFERENCE_TARGET = """
name = "reference"
base_url = "{url}"
protocol = "session"
[architecture]
streaming = "websocket"
surfaces = ["web-tab", "mobile"]
[contract]
disconnect = "continue"
concurrent_send = "queue"
retention_s = 86400
stop_budget_ms = 1000
idempotency = "key"
"""

NAMES = (REFERENCE, *(each.id for each in ANTIPATTERNS))
DEMO = ("naive-sse", "cancel-on-disconnect", "private-socket", "resumable-no-stop", REFERENCE)
"""What `durable-audit demo` compares, in this order: one wrong way for each of the commonest ways to stream."""


def lesson(name: str) -> str:
    """What a built-in server shows, in a sentence or two."""
    if name == REFERENCE:
        return "A durable session: agents write to it, devices subscribe to it, neither holds the other's connection."
    return next(each.lesson for each in ANTIPATTERNS if each.id == name)


@contextlib.asynccontextmanager
async def started(name: str) -> AsyncIterator[Target]:
    """A built-in server on a free port, as a target; ended with the block."""
    with tempfile.TemporaryDirectory(prefix="durable-audit-") as folder:
        process = await asyncio.create_subprocess_exec(
            *command(name, 0, f"sqlite:{Path(folder) / 'sessions.db'}"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle, not the server's
        )
        try:
            yield load_target(toml(name, await _url(name, process)), {})
        finally:
            await _end(process)


def command(name: str, port: int, storage: str = "memory") -> list[str]:
    """The command line that starts a built-in server. -P: a folder of the user's must not shadow our packages."""
    python = [sys.executable, "-P", "-m"]
    if name == REFERENCE:
        return [*python, "reference_impl", "--port", str(port), "--storage", storage]
    return [*python, "reference_impl.antipatterns", name, "--port", str(port)]


def toml(name: str, url: str) -> str:
    """The target file of a built-in server at this URL: what such a team would claim."""
    if name == REFERENCE:
        return _REFERENCE_TARGET.format(url=url)
    claims = next(each for each in ANTIPATTERNS if each.id == name).target
    return _toml({"name": name, "base_url": url, **claims})


def _toml(table: Mapping[str, Any]) -> str:
    plain = [f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, Mapping)]
    tables = [
        f"[{key}]\n" + "\n".join(f"{name} = {_value(inner)}" for name, inner in value.items())
        for key, value in table.items()
        if isinstance(value, Mapping)
    ]
    return "\n".join([*plain, *tables])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return (
        repr(value)
        if isinstance(value, int | float)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


async def _url(name: str, process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            while line := (await process.stdout.readline()).decode(errors="replace"):
                if "listening on " in line:
                    return line.partition("listening on ")[2].strip()
    except TimeoutError:
        raise HarnessError(f"the built-in server {name} was not ready within {START_S:g} s") from None
    raise HarnessError(f"the built-in server {name} ended before it was ready (exit {await process.wait()})")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
