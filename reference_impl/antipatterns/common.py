"""What these servers share: bounded JSON bodies, clean errors, server-sent events, where a prompt's text is, and the
agent that answers it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from ..agents.base import BadPrompt
from ..agents.script import Script
from ..agents.scripted import words

MAX_BODY_BYTES = 1_048_576
KEEP = 1_000
"""How many ended runs, and messages of a chat, a server remembers before it forgets the oldest."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Kept = TypeVar("_Kept")


class BadRequest(Exception):
    """The request cannot be served as it is; the message tells its sender why."""


def new_app(*routes: web.RouteDef) -> web.Application:
    """An application that bounds what it reads and answers every refusal in JSON."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_json_errors])
    app.add_routes(routes)
    return app


def refusal(status: int, message: str) -> web.Response:
    """An error as these APIs phrase it: `{"error": {"message": …}}`."""
    return web.json_response({"error": {"message": message}}, status=status)


@web.middleware
async def _json_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (BadRequest, BadPrompt) as error:
        return refusal(400, str(error))
    except web.HTTPException as error:
        answer = refusal(error.status, error.reason)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; BadRequest when it is anything else, HTTP 413 when it is too large."""
    try:
        raw = await request.read()
    except web.RequestPayloadError:
        raise BadRequest("the body is not encoded as its header says") from None
    return parse_object(raw)


def parse_object(raw: bytes | str) -> dict[str, Any]:
    """Decode a JSON object; BadRequest says what is wrong."""
    try:
        decoded = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(decoded, dict):
        raise BadRequest("the body must be a JSON object")
    return decoded


async def open_stream(request: web.Request, headers: Mapping[str, str] | None = None) -> web.StreamResponse:
    """Send the head of an event stream that no proxy may cache, compress or hold back."""
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    await response.prepare(request)
    return response


DONE = b"data: [DONE]\n\n"


def sse(data: Mapping[str, object], event: str = "") -> bytes:
    """One server-sent event (WHATWG HTML 9.2.5) with a JSON payload."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {dump(data)}\n\n".encode()


def dump(data: Mapping[str, object]) -> str:
    """Compact JSON in UTF-8, nothing escaped that need not be."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def last_prompt(messages: object) -> tuple[dict[str, Any], str]:
    """The last message of the user and its text; BadRequest when there is none."""
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "user":
            return message, text_of(message)
    raise BadRequest("there is no message with role 'user'")


def text_of(message: Mapping[str, object]) -> str:
    """The text of a message: `content` as a string, or the text parts of `content` (OpenAI) or `parts` (AI SDK)."""
    content = message.get("content", message.get("parts"))
    if isinstance(content, list):
        content = "".join(_text_parts(content))
    if not isinstance(content, str):
        raise BadRequest("a message needs text in 'content' or 'parts'")
    return printable(content)


def _text_parts(parts: Iterable[object]) -> Iterable[str]:
    return (
        part["text"]
        for part in parts
        if isinstance(part, dict) and part.get("type") in ("text", "input_text") and isinstance(part.get("text"), str)
    )


def printable(text: str) -> str:
    """The text itself; BadRequest when it holds half a surrogate pair, which JSON can say and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRequest("the text holds half a surrogate pair") from None
    return text


def forget_oldest(kept: dict[str, _Kept], ended: Callable[[_Kept], bool], limit: int) -> list[_Kept]:
    """Drop the oldest ended entries of a dict until it holds `limit`; what still runs is never dropped."""
    surplus = max(0, len(kept) - limit)
    return [kept.pop(key) for key in [key for key, entry in kept.items() if ended(entry)][:surplus]]


async def generate(script: Script) -> AsyncIterator[str]:
    """The agent's words. Between two of them everybody else gets a turn, also when it speaks at full speed."""
    async for word in words(script):
        yield word
        await asyncio.sleep(0)
