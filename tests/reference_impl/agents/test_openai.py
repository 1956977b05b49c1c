"""The model's agent against a server on loopback that speaks the protocol, well and badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from reference_impl.agents.base import AgentFailure, Said
from reference_impl.agents.openai import OpenAIAgent
from reference_impl.server import listening

from ..devices import client, eventually, server
from .alone import Alone, Noted

pytestmark = pytest.mark.sockets

KEY = "sk-not-for-anybody"
Reply = Callable[["Model", web.StreamResponse], Awaitable[None]]


class Model:
    """A chat completions server. asked: the bodies it was sent; gone: how many callers hung up before the end."""

    def __init__(self, *replies: Reply) -> None:
        self.asked: list[Any] = []
        self.keys: list[str | None] = []
        self.gone = 0
        self._replies = list(replies)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self._replies.pop(0)(self, response)
        except (ConnectionError, asyncio.CancelledError):
            self.gone += 1
            raise
        return response


def chunk(text: str, **choice: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}} | choice]}).encode() + b"\n\n"


def says(*pieces: bytes) -> Reply:
    async def reply(_: Model, response: web.StreamResponse) -> None:
        for piece in pieces:
            await response.write(piece)

    return reply


async def forever(_: Model, response: web.StreamResponse) -> None:
    for number in range(10_000):
        await response.write(chunk(f"{number} "))
        await asyncio.sleep(0.01)


END = b"data: [DONE]\n\n"


@asynccontextmanager
async def model(*replies: Reply) -> AsyncIterator[tuple[Model, OpenAIAgent]]:
    made = Model(*replies)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", made.answer)
    async with listening(app, "127.0.0.1", 0) as url:
        yield made, OpenAIAgent(f"{url}/v1/", KEY, "m-1", silence_s=0.5)


async def answered(agent: OpenAIAgent, turn: Alone) -> list[str]:
    async with aclosing(agent.answer(turn)) as pieces:
        return [piece async for piece in pieces]


async def test_the_answer_comes_in_the_models_own_pieces() -> None:
    role = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
    usage = b'data: {"choices":[],"usage":{"total_tokens":3}}\n\n'
    body = role + chunk("Grüße, ") + chunk("漢 ") + chunk("🙂", finish_reason="stop") + usage + END
    async with model(says(*(body[place : place + 7] for place in range(0, len(body), 7)))) as (made, agent):
        turn = Alone("hello?", before=[Said("user", "hi"), Said("assistant", "hi!")])
        assert await answered(agent, turn) == ["Grüße, ", "漢 ", "🙂"]
    (asked,) = made.asked
    assert asked["messages"] == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hi!"},
        {"role": "user", "content": "hello?"},
    ]
    assert (asked["model"], asked["stream"], made.keys) == ("m-1", True, [f"Bearer {KEY}"])


FAILURES = {
    "broke off": (says(chunk("so far ")), "the model's answer broke off"),
    "failed": (
        says(chunk("so far "), f'data: {{"error":{{"message":"key {KEY}","code":"server_error"}}}}\n\n'.encode()),
        "the model failed (server_error)",
    ),
    "a code that is a key": (
        says(chunk("so far "), f'data: {{"error":{{"code":"{KEY}"}}}}\n\n'.encode()),
        "the model failed",
    ),
    "withheld": (says(chunk("so far ", finish_reason="content_filter"), END), "the model's provider withheld"),
    "not JSON": (says(chunk("so far "), b"data: hello\n\n"), "does not speak the protocol"),
    "not an object": (says(chunk("so far "), b"data: 1\n\n"), "does not speak the protocol"),
    "not choices": (says(chunk("so far "), b'data: {"choices":[1]}\n\n'), "does not speak the protocol"),
}


@pytest.mark.parametrize("reply, why", FAILURES.values(), ids=FAILURES)
async def test_a_failure_in_the_middle_is_told_in_our_own_words(reply: Reply, why: str) -> None:
    said: list[str] = []
    async with model(reply) as (_, agent):
        with pytest.raises(AgentFailure, match="model") as failed:
            async with aclosing(agent.answer(Alone("x"))) as pieces:
                async for piece in pieces:
                    said += [piece]
    assert why in str(failed.value)
    assert KEY not in str(failed.value)
    assert said == ["so far "]


async def test_a_model_that_says_nothing_fails() -> None:
    async def silent(_: Model, response: web.StreamResponse) -> None:
        await response.write(chunk("so far "))
        await asyncio.sleep(30)

    async with model(silent) as (_, agent):
        with pytest.raises(AgentFailure, match="said nothing for too long"):
            await answered(agent, Alone("x"))


async def test_a_refused_key_is_not_repeated() -> None:
    async def refuse(_: web.Request) -> web.Response:
        error = {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}
        return web.json_response({"error": error}, status=401)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", refuse)
    async with listening(app, "127.0.0.1", 0) as url:
        with pytest.raises(AgentFailure) as failed:
            await answered(OpenAIAgent(f"{url}/v1", KEY, "m"), Alone("x"))
    assert str(failed.value) == "the model's server answered 401 (invalid_api_key)"


async def test_nobody_there() -> None:
    async with model() as (_, agent):
        pass
    with pytest.raises(AgentFailure, match="cannot be reached"):
        await answered(agent, Alone("x"))


async def test_a_steer_cancels_the_request_and_asks_again_with_what_was_said() -> None:
    turn, wish = Alone("count"), Noted("backwards, please")
    async with model(forever, says(chunk("2 1 0"), END)) as (made, agent):
        said = []
        async with aclosing(agent.answer(turn)) as pieces:
            async for piece in pieces:
                said.append(piece)
                if len(said) == 3:
                    turn.wishes.put_nowait(wish)
        await eventually(lambda: made.gone == 1)
    assert wish.answer == "taken"
    assert said[-1] == "2 1 0"
    assert made.asked[1]["messages"] == [
        {"role": "user", "content": "count"},
        {"role": "assistant", "content": "".join(said[:-1])},
        {"role": "user", "content": "backwards, please"},
    ]


async def test_a_stop_closes_the_request() -> None:
    async with model(forever) as (made, agent), server(agent=agent) as url, client(url) as http:
        run = (await http.prompt("k", "count [1, 2"))["run"]
        async with http.events() as device:
            await device.until(lambda screen: len(screen.text()) > 4)
            await http.post("stop", run=run)
            await device.until_ended()
            assert device.endings() == ["stopped"]
        await eventually(lambda: made.gone == 1)


async def test_the_session_is_the_conversation() -> None:
    replies = [says(chunk(word), END) for word in ("one", "two")]
    served = model(*replies)
    async with served as (made, agent), server(agent=agent) as url, client(url) as http, http.events() as device:
        for turn, question in enumerate(("first?", "second?"), start=1):
            await http.prompt(question, question)
            await device.until_ended(turn)
    assert [message["content"] for message in made.asked[1]["messages"]] == ["first?", "one", "second?"]


async def test_a_run_that_was_taken_over_goes_on() -> None:
    async with model(says(chunk("and on"), END)) as (made, agent):
        assert await answered(agent, Alone("tell", said="so far ")) == ["and on"]
    assert [message["role"] for message in made.asked[0]["messages"]] == ["user", "assistant", "user"]
    assert made.asked[0]["messages"][1]["content"] == "so far "
