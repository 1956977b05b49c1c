"""Calls to Redis, gathered: all that wait at one moment share a round trip, and Redis syncs its file once for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from .base import StoreError
from .following import Unreachable
from .redis_scripts import SCRIPTS, Script

_LARGEST_BATCH = 512  # calls a round trip

_Word: TypeAlias = str | bytes | int
_Call: TypeAlias = tuple[tuple[_Word, ...], asyncio.Future[Any]]


logger = logging.getLogger(__name__)


class Calls:
    """One connection for all calls, which are carried out in the order they were made."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._waiting: list[_Call] = []
        self._flushing: asyncio.Task[None] | None = None

    async def call(self, *command: _Word) -> Any:
        """What Redis answers. Raises StoreError, Unreachable when it is not known whether the command was done."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((command, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def run(self, script: Script, keys: Sequence[str], *arguments: _Word) -> Any:
        """What a script answers."""
        return await self.call("EVALSHA", script.sha, len(keys), *keys, *arguments)

    async def close(self) -> None:
        """Return when everything that was asked is answered."""
        if self._flushing is not None:
            await self._flushing

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_LARGEST_BATCH], self._waiting[_LARGEST_BATCH:]
                await self._carry_out(batch)
        finally:
            self._flushing = None

    async def _carry_out(self, batch: list[_Call]) -> None:
        try:
            answers = await self._send([command for command, _ in batch])
        except (
            Exception
        ) as problem:  # a client that is cut off in the middle raises all kinds; nobody may wait for ever
            if not isinstance(problem, RedisError | OSError):
                logger.warning("Redis: a round trip broke down", exc_info=True)
            answers = [Unreachable(f"Redis: {str(problem) or type(problem).__name__}")] * len(batch)
        for (_, done), answer in zip(batch, answers, strict=True):
            if done.done():  # whoever asked has gone
                continue
            if isinstance(answer, Exception):
                done.set_exception(answer if isinstance(answer, StoreError) else StoreError(f"Redis: {answer}"))
            else:
                done.set_result(answer)

    async def _send(self, commands: list[tuple[_Word, ...]]) -> list[Any]:
        """The answers. A Redis that has forgotten the scripts is given them, and asked again from there on."""
        answers = await self._round_trip(commands)
        for place, answer in enumerate(answers):
            if isinstance(answer, NoScriptError):
                await self._round_trip([("SCRIPT", "LOAD", script.text) for script in SCRIPTS])
                return answers[:place] + await self._round_trip(commands[place:])
        return answers

    async def _round_trip(self, commands: list[tuple[_Word, ...]]) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute(raise_on_error=False)
