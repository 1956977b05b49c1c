"""A client of a served antipattern, and a reader of its event streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse, ClientSession, TCPConnector, web

from reference_impl.agents.script import Script
from reference_impl.antipatterns.common import generate
from reference_impl.antipatterns.serve import serving


@asynccontextmanager
async def client_of(build_app: Callable[[], web.Application]) -> AsyncIterator[ClientSession]:
    """A client whose requests each have a connection of their own, so that closing one response hangs up."""
    async with serving(build_app()) as url, ClientSession(url, connector=TCPConnector(force_close=True)) as client:
        yield client


async def events(response: ClientResponse) -> AsyncIterator[Any]:
    """The payloads of an event stream as they come; `[DONE]` as it is."""
    async for line in response.content:
        if line.startswith(b"data: "):
            data = line.removeprefix(b"data: ").rstrip(b"\n").decode()
            yield data if data == "[DONE]" else json.loads(data)


async def all_events(response: ClientResponse) -> list[Any]:
    """Everything up to the end of the stream."""
    return [event async for event in events(response)]


async def first_events(response: ClientResponse, wanted: int, kind: str) -> list[Any]:
    """Events up to the one that makes `wanted` of this `type`; fails when the stream ends before."""
    seen: list[Any] = []
    async for event in events(response):
        seen.append(event)
        if of(seen, kind) == wanted:
            return seen
    raise AssertionError(f"the stream ended after {seen}")


def of(seen: list[Any], kind: str) -> int:
    return sum(isinstance(event, dict) and event.get("type") == kind for event in seen)


class Spy:
    """Stands in for `generate` and tells what was said, and when the generation was over."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.ended = 0

    async def __call__(self, script: Script) -> AsyncIterator[str]:
        try:
            async for word in generate(script):
                self.said.append(word)
                yield word
        finally:
            self.ended += 1


def counted(items: int) -> str:
    """What the scripted agent says when it is asked for this many words."""
    return "".join(f"tok-{number:04d} " for number in range(1, items + 1))


async def until(condition: Callable[[], Any], within_s: float = 5.0) -> None:
    """Wait until a condition holds; a `TimeoutError` says that it never did."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  what tests wait for has no event
            await asyncio.sleep(0.005)


def asking(prompt: str, chat: str = "c1", message: str = "u1") -> dict[str, Any]:
    """The body of a prompt to a chat of the AI SDK."""
    parts = [{"type": "text", "text": prompt}]
    return {"id": chat, "messages": [{"id": message, "role": "user", "parts": parts}]}


def deltas(seen: list[Any]) -> str:
    """The text of a chat's stream."""
    return "".join(event["delta"] for event in seen if isinstance(event, dict) and event["type"] == "text-delta")
