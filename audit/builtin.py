"""The servers that come with the audit: the reference, and the usual wrong ways, each as a child process."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from reference_impl.antipatterns import ANTIPATTERNS

from .errors import HarnessError
from .load.result import HookResult
from .means import TOKEN, Means, Need
from .target import Target
from .target_reading import load_target

START_S = 15.0
STOP_S = 3.0
TOKEN_S = 3_600.0
RETAIN_S = 5.0
AUDITED = ("--lost-runs", "continue", "--drain-s", "0.4", "--retain-s", f"{RETAIN_S:g}")
"""How the reference is started for an audit: so that restarts and retention can be waited for."""

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
async def started(name: str, more: Sequence[str] = (), *, bare: bool = False) -> AsyncIterator[Target]:
    """A built-in server on a free port, as a target; ended with the block. more: what else its command line says.

    bare: it asks nobody for a token, for whoever brings a target file of his own.
    """
    with tempfile.TemporaryDirectory(prefix="durable-audit-") as folder:
        server = _Server(name, Path(folder) / "sessions.db", more, bare=bare)
        try:
            await server.start()
            yield server.target()
        finally:
            await server.end()


def declared(name: str) -> Target:
    """What a built-in server says of itself before it is there."""
    return _Server(name, Path("sessions.db")).target()


class _Server:
    """A child process that can be restarted at its address, and whose tokens we can make: it is ours."""

    def __init__(self, name: str, file: Path, more: Sequence[str] = (), *, bare: bool = False) -> None:
        self._name, self._storage, self._more = name, f"sqlite:{file}", [*more]
        self._url, self._port = "http://127.0.0.1:1", 0
        self._process: asyncio.subprocess.Process | None = None
        self._key = b""
        if name == REFERENCE and not bare:
            self._more += AUDITED
            self._key = secrets.token_hex(32).encode() if _has_tokens() else b""

    def target(self) -> Target:
        """The server as a target, with all that an audit may do to it."""
        target = load_target(toml(self._name, self._url), {})
        if AUDITED[0] not in self._more:
            return target
        headers = {"Authorization": f"Bearer {TOKEN}"} if self._key else {}
        contract = replace(target.contract, retention_s=RETAIN_S)
        means = Means(self._token if self._key else None, self._restart)
        return replace(target, headers=headers, contract=contract, means=means)

    async def start(self) -> None:
        """Return when it listens: at a free port, or where it listened before. HarnessError when it does not."""
        self._process = await asyncio.create_subprocess_exec(
            *command(self._name, self._port, self._storage),
            *self._more,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle, not the server's
            env=os.environ | ({"DURABLE_AUDIT_TOKEN_KEY": self._key.decode()} if self._key else {}),
        )
        self._url = await _url(self._name, self._process)
        self._port = urlsplit(self._url).port or 0

    async def end(self) -> None:
        """Let it go."""
        if self._process is not None:
            await _end(self._process)

    async def _restart(self) -> HookResult:
        began = monotonic()
        await self.end()
        await self.start()
        return HookResult("restart", 0.0, 0.0, round(monotonic() - began, 3), 0)

    async def _token(self, need: Need) -> str:
        from reference_impl.access import tokens  # noqa: PLC0415 - needs an optional package

        key = tokens.secret_key(self._key)
        user = "mallory" if need.stranger else "ann"
        return tokens.mint(key, need.session, ("read", "prompt", "control"), need.ttl_s or TOKEN_S, user)


def _has_tokens() -> bool:
    """Without this optional package the reference is open, and scenarios with strangers are left out."""
    return importlib.util.find_spec("jwt") is not None


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
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
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
