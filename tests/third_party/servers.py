"""Starting servers that are not ours, each on a free port, each ended by its own process."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from audit.target import Target
from audit.target_reading import load_target

START_S, END_S = 20.0, 5.0
AI_SDK = Path(__file__).parent / "ai_sdk"


class NotInstalled(Exception):
    """What a test starts is missing; never a reason to skip it."""


def target_of(variant: str, url: str, disconnect: str) -> Target:
    """The variant's target file, at this address and with this promise."""
    text = (AI_SDK / f"{variant}.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8788", url)
    return load_target(re.sub('^disconnect = "[a-z]+"', f'disconnect = "{disconnect}"', text, flags=re.MULTILINE), {})


@asynccontextmanager
async def redis() -> AsyncIterator[str]:
    """A Redis that keeps nothing; gives its URL."""
    found = shutil.which("redis-server")
    if found is None:
        raise NotInstalled("redis-server is missing: run `make setup`")
    port = _free_port()
    command = (found, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    async with _started(command, {}, "Ready to accept connections"):
        yield f"redis://127.0.0.1:{port}"


@asynccontextmanager
async def ai_sdk(variant: str, words: int, pace_ms: int) -> AsyncIterator[str]:
    """The AI SDK server in one of its variants, with a Redis of its own if it needs one; gives its URL."""
    settings = {"VARIANT": variant, "PORT": "0", "WORDS": str(words), "PACE_MS": str(pace_ms)}
    if not variant.startswith("resumable"):
        async with _ai_sdk(settings) as url:
            yield url
    else:
        async with redis() as address, _ai_sdk(settings | {"REDIS_URL": address}) as url:
            yield url


@asynccontextmanager
async def _ai_sdk(settings: Mapping[str, str]) -> AsyncIterator[str]:
    async with _started((str(AI_SDK / "start.sh"),), settings, "listening on ") as line:
        yield line.rpartition("listening on ")[2].strip()


@asynccontextmanager
async def _started(command: tuple[str, ...], settings: Mapping[str, str], ready: str) -> AsyncIterator[str]:
    """A process that says on standard output when it is ready; gives that line."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        line = await _until(process.stdout, ready, command[0])
        draining = asyncio.create_task(process.stdout.read())  # a full pipe would block it
        yield line
        draining.cancel()
    finally:
        await _end(process)


async def _until(output: asyncio.StreamReader, ready: str, name: str) -> str:
    said = ""
    async with asyncio.timeout(START_S):
        while line := (await output.readline()).decode(errors="replace"):
            if ready in line:
                return line
            said += line
    raise NotInstalled(f"{name} ended before it was ready (is it installed? run `make setup`): {said[-2000:]}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
