"""Chat completions the way every tutorial writes them: the handler generates, and its response is the only copy.

What is wrong: the answer lives and dies with one connection (the Single-Connection Trap). When the phone loses signal
the next write fails, the handler unwinds, and the generation with it. Nothing has an id, nothing is kept, so there is
no way back to the answer, no second device that could watch it, and no stop but hanging up.

Wire format: OpenAI's chat completion chunks over server-sent events, ended by `data: [DONE]`.
"""

from __future__ import annotations

from uuid import uuid4

from aiohttp import web

from ..agents.base import AgentFailure
from ..agents.script import Script, parse_script
from .common import DONE, BadRequest, generate, last_prompt, new_app, open_stream, read_object, sse
from .kind import Antipattern


def build_app() -> web.Application:
    """`POST /v1/chat/completions`, and nothing else."""
    return new_app(web.post("/v1/chat/completions", _complete))


async def _complete(request: web.Request) -> web.StreamResponse:
    body = await read_object(request)
    if body.get("stream") is not True:
        raise BadRequest('this endpoint only streams; send "stream": true')
    _, prompt = last_prompt(body.get("messages"))
    script = parse_script(prompt)
    response = await open_stream(request)
    try:
        await _answer(response, script)
    except AgentFailure as failure:
        await response.write(sse({"error": {"message": str(failure), "type": "server_error"}}))
    await response.write_eof()
    return response


async def _answer(response: web.StreamResponse, script: Script) -> None:
    """Write the answer as it is generated. A write to a lost connection raises, and that ends the generation too."""
    completion = f"chatcmpl-{uuid4().hex}"
    await response.write(_chunk(completion, {"role": "assistant", "content": ""}))
    async for word in generate(script):
        await response.write(_chunk(completion, {"content": word}))
    await response.write(_chunk(completion, {}, finish_reason="stop"))
    await response.write(DONE)


def _chunk(completion: str, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return sse({"id": completion, "object": "chat.completion.chunk", "choices": [choice]})


ANTIPATTERN = Antipattern(
    id="naive-sse",
    title="Chat completions, streamed by the request handler",
    lesson=(
        "The answer lives and dies with one connection. A user who loses signal for a second loses the rest of the "
        "answer for good, and pays for it again by asking again."
    ),
    build_app=build_app,
    protocol="chat-sse",
    options={},
    contract={"disconnect": "continue", "concurrent_send": "parallel", "idempotency": "none"},
)
