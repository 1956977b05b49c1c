"""An agent that lets a model answer, through any API that speaks OpenAI's chat completions as a stream.

A stop closes the request. A steer closes it, too, and asks again: with what was said so far, and what is wished now.
What goes wrong is told in a few words of our own: never the key, and nothing of a body that might repeat it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import aiohttp

from .base import AgentFailure, Turn, Wish
from .event_stream import EventStream, TooLong

_CONNECT_S = 10.0
_SILENCE_S = 60.0  # a model that says nothing for so long has failed
_CODE = re.compile(r"[a-z0-9_.-]{1,40}")
_GO_ON = "Go on exactly where you were cut off. Repeat nothing."

Message = dict[str, str]


class OpenAIAgent:
    """base_url: up to and with the version, such as `https://host/v1`. key: may be empty for a local model."""

    def __init__(self, base_url: str, key: str, model: str, silence_s: float = _SILENCE_S) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._model = model
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=silence_s)

    def check(self, prompt: str) -> None:
        """A model takes any prompt."""

    async def answer(self, turn: Turn) -> AsyncGenerator[str, None]:
        """The model's answer, piece by piece. Raises AgentFailure."""
        messages = [{"role": each.role, "content": each.text} for each in await turn.history()]
        messages.append({"role": "user", "content": turn.prompt})
        said, wish = turn.said, None
        if said:
            messages += [_assistant(said), _user(_GO_ON)]
        async with aiohttp.ClientSession(timeout=self._timeout) as http:
            while True:
                said, wish = "", None
                async with aclosing(self._until_steered(http, messages, turn.wishes)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, str):
                            said += piece
                            yield piece
                        else:
                            wish = piece
                if wish is None:
                    return
                await wish.take()
                messages += [*([_assistant(said)] if said else []), _user(wish.text)]

    async def _until_steered(
        self, http: aiohttp.ClientSession, messages: list[Message], wishes: asyncio.Queue[Wish]
    ) -> AsyncGenerator[str | Wish, None]:
        """What the model says, up to its end, or to a wish: then that is the last thing given."""
        steered = asyncio.create_task(wishes.get())
        pieces = self._stream(http, messages)
        coming: asyncio.Task[str | None] | None = None
        try:
            while True:
                coming = asyncio.create_task(anext(pieces, None))
                await asyncio.wait((steered, coming), return_when=asyncio.FIRST_COMPLETED)
                if steered.done():
                    yield steered.result()
                    return
                piece = coming.result()
                if piece is None:
                    return
                yield piece
        finally:
            steered.cancel()
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await pieces.aclose()

    async def _stream(self, http: aiohttp.ClientSession, messages: list[Message]) -> AsyncGenerator[str, None]:
        body = {"model": self._model, "messages": messages, "stream": True}
        try:
            async with http.post(self._url, json=body, headers=self._headers, allow_redirects=False) as response:
                if response.status != 200:
                    raise AgentFailure(f"the model's server answered {response.status}{await _code(response)}")
                async with aclosing(_pieces(response)) as pieces:
                    async for piece in pieces:
                        yield piece
        except TimeoutError:
            raise AgentFailure("the model said nothing for too long") from None
        except aiohttp.ClientConnectorError:
            raise AgentFailure("the model's server cannot be reached") from None
        except (aiohttp.ClientError, ConnectionError):
            raise AgentFailure("the model's answer broke off") from None


async def _pieces(response: aiohttp.ClientResponse) -> AsyncGenerator[str, None]:
    """The text of each chunk, up to the end of the answer. Raises AgentFailure when it ends otherwise."""
    finished = False
    async for data in _events(response):
        if data == "[DONE]":
            return
        chunk = _chunk(data)
        if "error" in chunk:
            raise AgentFailure(f"the model failed{_coded(chunk['error'])}")
        for choice in chunk.get("choices") or ():
            text = (choice.get("delta") or {}).get("content")
            if text:
                yield text
            if choice.get("finish_reason") == "content_filter":
                raise AgentFailure("the model's provider withheld the rest of the answer")
            finished = finished or bool(choice.get("finish_reason"))
    if not finished:
        raise AgentFailure("the model's answer broke off")


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    stream = EventStream()
    try:
        async for piece in response.content.iter_any():
            for data in stream.feed(piece):
                yield data
    except TooLong:
        raise AgentFailure("the model's server does not speak the protocol") from None


def _chunk(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict) or not all(isinstance(each, dict) for each in chunk.get("choices") or ()):
        raise AgentFailure("the model's server does not speak the protocol")
    return chunk


async def _code(response: aiohttp.ClientResponse) -> str:
    """The error's code in the body of a refusal, when it is one."""
    try:
        body = json.loads(await response.content.read(64 * 1024))
    except ValueError:
        return ""
    return _coded(body.get("error")) if isinstance(body, dict) else ""


def _coded(error: object) -> str:
    """The code of an error, if it is plainly one; its message is the provider's, and may repeat what we sent."""
    code = (error.get("code") or error.get("type")) if isinstance(error, dict) else None
    return f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) and not code.startswith("sk-") else ""


def _assistant(text: str) -> Message:
    return {"role": "assistant", "content": text}


def _user(text: str) -> Message:
    return {"role": "user", "content": text}
