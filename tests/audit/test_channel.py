"""How a step becomes an answer, and what happens when it does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from audit.adapters.base import Adapter, Answer, Call, Dial, Frame, Hangup, Item, ItemKind, Operation, Step, Unsupported
from audit.channel import Braked, Channel, Wire
from audit.connection import Endpoint
from audit.errors import HarnessError
from audit.event import Phase
from audit.stream import Closed

from .adapters.support import adapter
from .faults.certificate import contexts
from .servers import LAST_CHUNK, STREAM, Script, Server, Talk, eventually, serving

pytestmark = pytest.mark.sockets

SOCKET, SSE, CHAT = adapter("session"), adapter("session", transport="sse"), adapter("chat-sse")
SUBSCRIBE = Dial("/ws", ('{"type":"subscribe","id":"sub-1"}',), reply="sub-1")
PROMPT = Frame('{"type":"prompt","id":"p-1"}', "p-1")
POST, OPEN = Call("POST", "/prompts", b"{}"), Call("GET", "/events", stream=True)


class Owner:
    """What a device is to its channel."""

    def __init__(self, target: Adapter, endpoint: Endpoint) -> None:
        self.told: list[tuple[str, Any]] = []
        self.completed: list[Answer] = []
        self.broken: list[Exception] = []
        self.stop_at = 0
        self.conn = 0
        self.channel = Channel(target, endpoint, self.on_item, self.on_closed, self.broken.append)

    def on_item(self, wire: Wire, item: Item) -> None:
        self.told.append((item.kind.value, item.text or item.data.get("error")))
        if self.stop_at and len(self.told) == self.stop_at:
            raise Braked

    def on_closed(self, wire: Wire, closed: Closed) -> None:
        self.told.append(("closed", closed))

    def complete(self, answer: Answer) -> None:
        self.completed.append(answer)
        self.told.append(("answer", answer.phase))

    async def attempt(self, operation: Operation, step: Step, timeout: float = 5) -> Answer:
        self.conn += 1
        before = len(self.completed)
        answer = await self.channel.attempt(operation, step, None, self.conn, timeout, self.complete)
        assert self.completed[before:] == [answer]  # once, with what is given back
        return answer

    async def told_closed(self) -> Closed:
        await eventually(lambda: any(what == "closed" for what, _ in self.told))
        return next(value for _, value in self.told if isinstance(value, Closed))


@asynccontextmanager
async def owner(script: Script, target: Adapter = SOCKET, **tls: Any) -> AsyncIterator[tuple[Owner, Server]]:
    async with serving(script, tls.get("server")) as server:
        made = Owner(target, Endpoint(server.url, server.port, tls=tls.get("client")))
        try:
            yield made, server
        finally:
            await made.channel.close()


def says(kind: str, offset: int, **data: object) -> str:
    return json.dumps({"type": "event", "epoch": "e", "offset": offset, "kind": kind, "run": "r1", "data": data})


def replies(id: str, **value: object) -> str:
    return json.dumps({"type": "reply", "id": id, **value})


async def nothing(talk: Talk) -> None:
    """Takes the request and never says a word."""
    await talk.request()
    await talk.gone()


# -- answers -------------------------------------------------------------------------------------------------------


async def test_replies_are_matched_by_id_and_complete_before_what_follows() -> None:
    async def answer(talk: Talk) -> None:
        await talk.upgrade()
        await talk.hear()
        await talk.say(b"")
        await talk.frame(replies("sub-1", ok=True, recovered=True))
        await talk.frame(says("text", 1, text="one "))
        await talk.hear()
        await talk.frame(replies("other", ok=False))
        await talk.frame(says("text", 2, text="two "))
        await talk.frame(replies("p-1", ok=True, run="r1", duplicate=False))
        await talk.frame(says("text", 3, text="three "))
        await talk.gone()

    async with owner(answer) as (mine, _):
        assert await mine.attempt("join", SUBSCRIBE) == Answer(Phase.OK, {"recovered": True})
        await eventually(lambda: ("text", "one ") in mine.told)
        assert await mine.attempt("prompt", PROMPT) == Answer(Phase.OK, {"run": "r1", "duplicate": False})
        await eventually(lambda: ("text", "three ") in mine.told)
        assert [what for what, _ in mine.told] == ["answer", "text", "text", "answer", "text"]


async def test_a_refusal_by_reply_is_definite() -> None:
    async def refuse(talk: Talk) -> None:
        await talk.upgrade()
        await talk.hear()
        await talk.frame(replies("sub-1", ok=False, code="expired", message="too late"))
        await talk.gone()

    async with owner(refuse) as (mine, _):
        answer = await mine.attempt("resume", SUBSCRIBE)
        assert answer == Answer(Phase.FAIL, {"code": "expired", "error": "too late"})


async def test_steps_without_a_wire_are_answered_without_one() -> None:
    async with owner(nothing) as (mine, server):
        assert await mine.attempt("join", Unsupported("no way")) == Answer(
            Phase.FAIL, {"unsupported": True, "error": "no way"}
        )
        assert await mine.attempt("stop", Hangup()) == Answer(Phase.INFO, {"hangup": True})
        assert (await mine.attempt("prompt", PROMPT)).value == {"error": "the device holds no socket to send on"}
        assert not server.talks


@pytest.mark.parametrize("operation", ["join", "prompt", "stop", "read"])
async def test_silence_is_in_doubt_after_the_timeout(operation: Operation) -> None:
    async with owner(nothing, SSE) as (mine, _):
        answer = await mine.attempt(operation, POST, 0.05)
        assert answer == Answer(Phase.INFO, {"error": "no answer within 0.05 s", "timeout": True})


async def test_a_socket_that_opens_and_never_replies_is_in_doubt_and_stays_open() -> None:
    async def keep_quiet(talk: Talk) -> None:
        await talk.upgrade()
        await talk.hear()
        await late.wait()
        await talk.frame(replies("sub-1", ok=True))
        await talk.frame(says("text", 1, text="one "))
        await talk.gone()

    late = asyncio.Event()
    async with owner(keep_quiet) as (mine, _):
        assert (await mine.attempt("join", SUBSCRIBE, 0.05)).value["timeout"] is True
        late.set()
        await eventually(lambda: ("text", "one ") in mine.told)
        assert len(mine.completed) == 1  # the late reply is nobody's


@pytest.mark.parametrize(("operation", "phase"), [("prompt", Phase.INFO), ("stop", Phase.INFO), ("join", Phase.FAIL)])
async def test_a_connection_that_breaks_leaves_only_commands_in_doubt(operation: Operation, phase: Phase) -> None:
    async def hang_up(talk: Talk) -> None:
        await talk.request()
        if operation == "stop":
            talk.reset()
        else:
            await talk.say(b"HTTP/1.1 200 OK\r\nContent-")

    async with owner(hang_up, SSE) as (mine, _):
        answer = await mine.attempt(operation, POST)
        why = "Connection reset by peer" if operation == "stop" else "the target hung up before it had answered"
        assert answer.phase is phase and why in answer.value["error"]


@pytest.mark.parametrize(("step", "target"), [(POST, SSE), (SUBSCRIBE, SOCKET)])
async def test_a_closed_port_is_a_definite_refusal(step: Step, target: Adapter) -> None:
    async with serving(nothing) as server:
        pass
    mine = Owner(target, Endpoint(server.url, server.port))
    answer = await mine.attempt("prompt", step)
    assert answer.phase is Phase.FAIL and "connection refused" in answer.value["error"]
    await mine.channel.close()


@pytest.mark.parametrize(("step", "target"), [(POST, SSE), (SUBSCRIBE, SOCKET)])
async def test_a_wrong_certificate_is_a_definite_failure_with_its_reason(
    step: Step, target: Adapter, tmp_path: Path
) -> None:
    server, client = contexts("other.example.test", tmp_path)
    async with owner(nothing, target, server=server, client=client) as (mine, _):
        answer = await mine.attempt("prompt", step)
    assert answer.phase is Phase.FAIL
    assert "no secure connection" in answer.value["error"] and "127.0.0.1" in answer.value["error"]


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
async def test_a_refused_upgrade_is_judged_by_the_adapter(status: str) -> None:
    async def refuse(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b'{"error":"try later"}', status)

    async with owner(refuse) as (mine, _):
        answer = await mine.attempt("join", SUBSCRIBE)
    said = "instead of a WebSocket" if status.startswith("200") else "try later"
    assert (answer.phase, answer.value["status"]) == (Phase.FAIL, int(status[:3])) and said in answer.value["error"]


async def test_a_socket_that_closes_before_the_reply() -> None:
    async def close(talk: Talk) -> None:
        await talk.upgrade()
        await talk.hear()
        await talk.frame(replies("sub-1", ok=True))
        await talk.hear()

    async with owner(close) as (mine, _):
        assert (await mine.attempt("join", SUBSCRIBE)).phase is Phase.OK
        answer = await mine.attempt("prompt", PROMPT)
        assert answer.phase is Phase.INFO and "the socket closed before the answer came" in answer.value["error"]
        assert await mine.told_closed() == Closed("fin")
        assert mine.channel.wires == {}


async def test_a_dying_old_socket_does_not_answer_for_the_new_one() -> None:
    async def first_dies_late(talk: Talk) -> None:
        await talk.upgrade()
        await talk.hear()
        if len(talks) == 1:
            await talk.frame(replies("sub-1", ok=True))
            await second.wait()
            return
        second.set()
        await asyncio.sleep(0.05)
        await talk.frame(replies("sub-1", ok=True, recovered=True))
        await talk.gone()

    second = asyncio.Event()
    async with owner(first_dies_late) as (mine, server):
        talks = server.talks
        await mine.attempt("join", SUBSCRIBE)
        assert await mine.attempt("resume", SUBSCRIBE) == Answer(Phase.OK, {"recovered": True})
        assert await mine.told_closed() == Closed("fin")


async def test_a_transcript_is_decoded_with_the_answer() -> None:
    async def tell(talk: Talk) -> None:
        await talk.request()
        whole = b'{"messages":[{"role":"user","text":"hi","id":"u1"}]}'
        await talk.respond(whole if len(talks) == 1 else whole[:20])

    async with owner(tell, SSE) as (mine, server):
        talks = server.talks
        (message,) = (await mine.attempt("read", Call("GET", "/transcript"))).value["messages"]
        assert (message.role, message.text, message.id) == ("user", "hi", "u1")
        damaged = await mine.attempt("read", Call("GET", "/transcript"))
        assert damaged.phase is Phase.FAIL and "not JSON" in damaged.value["error"]


async def test_a_response_that_is_no_stream_is_not_left_open() -> None:
    async def page(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM.replace(b"event-stream", b"html"))
        await talk.chunk(b"<html>")
        await talk.gone()

    async with owner(page, CHAT) as (mine, _):
        answer = await mine.attempt("prompt", OPEN)
        assert answer.phase is Phase.FAIL and "text/html instead of an event stream" in answer.value["error"]
        assert mine.channel.wires == {}


# -- streams -------------------------------------------------------------------------------------------------------


def sse(number: int) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": {"content": f"tok-{number} "}}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


async def test_a_brake_drops_what_came_in_the_same_read() -> None:
    async def pour(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(b"".join(sse(number) for number in range(1, 10)))
        await talk.gone()

    async with owner(pour, CHAT) as (mine, _):
        mine.stop_at = 4  # the answer, the start, two words
        await mine.attempt("prompt", OPEN)
        assert await mine.told_closed() == Closed("local", reason="dropped here on purpose")
        assert [text for what, text in mine.told if what == "text"] == ["tok-1 ", "tok-2 "]


async def test_what_the_protocol_does_not_allow_is_a_problem_and_the_end() -> None:
    async def spoil(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(sse(1))
        await asyncio.sleep(0.02)
        await talk.say(b"zz\r\n")
        await talk.gone()

    async with owner(spoil, CHAT) as (mine, _):
        await mine.attempt("prompt", OPEN)
        closed = await mine.told_closed()
        assert closed.how == "local" and "not HTTP/1.1" in closed.reason
        ((_, problem),) = [each for each in mine.told if each[0] == "problem"]
        assert problem == closed.reason


def reading(reader: object) -> Adapter:
    """The chat adapter with another reader."""

    class Reading:
        def reader(self, operation: Operation) -> object:
            return reader

        def __getattr__(self, name: str) -> Any:
            return getattr(CHAT, name)

    return cast("Adapter", Reading())


async def test_a_held_back_item_counts_only_at_a_proper_end() -> None:
    finished: list[str] = []

    class Reader:
        def feed(self, data: bytes) -> list[Item]:
            return []

        def frame(self, data: str | bytes) -> list[Item]:
            return []

        def finish(self) -> list[Item]:
            finished.append("finish")
            return [Item(ItemKind.TEXT, "held back")]

    async def end(talk: Talk) -> None:
        clean = (await talk.request()).startswith("GET /events")
        await talk.say(STREAM, LAST_CHUNK if clean else b"")

    async with owner(end, reading(Reader())) as (mine, _):
        await mine.attempt("prompt", Call("GET", "/broken", stream=True))
        assert (await mine.told_closed()).how == "fin" and not finished
        mine.told.clear()
        await mine.attempt("prompt", OPEN)
        assert (await mine.told_closed()).how == "clean"
        assert ("text", "held back") in mine.told


async def test_a_defect_of_ours_is_not_blamed_on_the_target() -> None:
    class Broken:
        def feed(self, data: bytes) -> list[Item]:
            raise KeyError("ours")

    async def pour(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(sse(1))
        await talk.gone()

    async with owner(pour, reading(Broken())) as (mine, _):
        await mine.attempt("prompt", OPEN)
        assert await mine.told_closed() == Closed("local", reason="the audit itself failed")
        assert [type(error) for error in mine.broken] == [KeyError]
        assert not [each for each in mine.told if each[0] == "problem"]


async def test_the_newest_socket_is_sent_on_and_hanging_up_closes_them_all() -> None:
    heard: list[tuple[int, str]] = []

    async def listen(talk: Talk) -> None:
        await talk.upgrade()
        number = len(talks)
        await talk.hear()
        await talk.frame(replies("sub-1", ok=True))
        heard.append((number, await talk.hear()))
        await talk.frame(replies("p-1", ok=True))
        await talk.gone()

    async with owner(listen) as (mine, server):
        talks = server.talks
        await mine.attempt("join", SUBSCRIBE)
        await mine.attempt("resume", SUBSCRIBE)
        await mine.attempt("prompt", PROMPT)
        assert heard == [(2, PROMPT.text)]
        await mine.channel.hang_up(Closed("timeout"))
        assert [value for what, value in mine.told if what == "closed"] == [Closed("timeout")] * 2
        assert (mine.channel.wires, mine.channel.socket) == ({}, None)


async def test_a_history_that_cannot_be_written_is_not_an_answer() -> None:
    async with owner(nothing) as (mine, _):

        def full(answer: Answer) -> None:
            raise HarnessError("no space left")

        with pytest.raises(HarnessError):
            await mine.channel.attempt("stop", Hangup(), None, 1, 1, full)
