"""The commands of `[hooks]` as means of an audit. Whoever calls this has been allowed to run them."""

from __future__ import annotations

import asyncio
import os
from time import monotonic

from .errors import TargetError
from .load.hooks import Hook, run
from .load.result import HookResult
from .means import Means, Need
from .target import Target

TOKEN_S = 20.0  # no credential may take longer
LONGEST_TOKEN = 16_384


def means_of(target: Target) -> Means:
    """What the target file's own commands can do."""
    hooks = target.hooks

    async def token(need: Need) -> str:
        return await _token(hooks.token, need)

    async def restart() -> HookResult:
        hook = Hook("restart", hooks.restart, target.secrets())
        return await asyncio.to_thread(run, hook, 0.0, monotonic())

    return Means(token if hooks.token else None, restart if hooks.restart else None)


async def _token(command: str, need: Need) -> str:
    """What the command prints: never shown, not even when it is none."""
    told = {"SESSION": need.session, "USER": "stranger" if need.stranger else "user"}
    told["TTL_S"] = "" if need.ttl_s is None else f"{need.ttl_s:g}"
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # may hold what must not be written down
        env=os.environ | {f"DURABLE_AUDIT_{name}": value for name, value in told.items()},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(TOKEN_S):
            printed, _ = await process.communicate()
    except TimeoutError:
        raise TargetError(f"the token hook did not print a credential within {TOKEN_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise TargetError(f"the token hook failed with exit code {process.returncode}")
    return _credential(printed)


def _credential(printed: bytes) -> str:
    text = printed.decode("utf-8", "replace").strip()
    if not text or len(text) > LONGEST_TOKEN or not text.isprintable():
        raise TargetError("the token hook printed no credential: one line, and nothing else, is expected")
    return text
