"""A device against real sockets: what is recorded of what it does and of what is done to it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from audit.adapters.base import Item
from audit.errors import ProtocolError
from audit.event import Event, Phase
from audit.faults import Refuse
from audit.memory import Memory, Run

from .adapters.support import adapter
from .servers import LAST_CHUNK, STREAM, Bench, Script, Talk, bench, eventually, serving

pytestmark = pytest.mark.sockets

SOCKET, SSE = adapter("session"), adapter("session", transport="sse")
CHAT, AI = adapter("chat-sse"), adapter("ai-sdk", history_path="/api/chat/{id}")
TRANSCRIPT = {
    "messages": [
        {"role": "user", "text": "count", "id": "u1"},
        {"role": "assistant", "text": "tok-1 tok-2", "id": "m1", "run": "r1", "ending": "completed"},
    ]
}


def run(label: str = "run-1", items: int = 5) -> Run:
    return Run(label, f"count {label}", f"key-{label}", items)


def event(offset: int, kind: str = "text", run: str = "r1", **data: object) -> str:
    told = data or ({"text": f"tok-{offset} "} if kind == "text" else {})
    return json.dumps({"type": "event", "epoch": "e", "offset": offset, "kind": kind, "run": run, "data": told})


async def subscribe(talk: Talk) -> dict[str, Any]:
    """Accept a socket and its subscription; gives what was subscribed to."""
    await talk.upgrade()
    asked: dict[str, Any] = json.loads(await talk.hear())
    await talk.frame(json.dumps({"type": "reply", "id": asked["id"], "ok": True, "recovered": True}))
    return asked


async def accept(talk: Talk, **value: object) -> None:
    """Read a command and say yes."""
    asked = json.loads(await talk.hear())
    await talk.frame(json.dumps({"type": "reply", "id": asked["id"], "ok": True, "run": "r1", **value}))


def chat(*words: str) -> bytes:
    chunks = [{"choices": [{"index": 0, "delta": {"content": f"{word} "}}]} for word in words]
    return b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks)


def told(event: Event) -> tuple[str, str]:
    return event.phase.value, event.what


# -- operations ----------------------------------------------------------------------------------------------------


async def test_a_conversation_is_recorded_with_invocations_completions_and_what_was_seen() -> None:
    async def converse(talk: Talk) -> None:
        await subscribe(talk)
        await talk.frame(json.dumps({"type": "caught-up", "cursor": "e:0"}))
        await accept(talk, duplicate=False)
        for message in (event(1, "user", text="count run-1", id="u1"), event(2, "run-start"), event(3)):
            await talk.frame(message)
        await accept(talk, ended=False)
        await talk.frame(event(4, "run-end", reason="stopped"))
        await talk.gone()

    async with serving(converse) as server, bench(server.url, SOCKET) as made:
        phone, asked = await made.device(), run()
        assert await phone.join()
        assert await phone.prompt(asked)
        assert await phone.until(lambda: phone.seen(asked) == 1, 5)
        assert await phone.stop(asked)
        assert await phone.until(lambda: phone.ended(asked), 5)
        rows = [(e.phase.value, e.what, e.value) for e in made.recorder.events]
    assert rows == [
        ("note", "device", {"kind": "phone"}),
        ("invoke", "join", {"conn": 1}),
        ("ok", "join", {"conn": 1, "recovered": True}),
        ("seen", "caught-up", {"conn": 1, "cursor": "e:0", "bytes": 101}),
        ("invoke", "prompt", {"text": "count run-1", "key": "key-run-1", "label": "run-1"}),
        ("ok", "prompt", {"duplicate": False, "run": "r1"}),
        ("seen", "user", {"conn": 1, "id": "u1", "text": "count run-1", "run": "r1", "message": "u1", "cursor": "e:1"}),
        ("seen", "start", {"conn": 1, "run": "r1", "cursor": "e:2"}),
        ("seen", "text", {"conn": 1, "text": "tok-3 ", "run": "r1", "cursor": "e:3"}),
        ("invoke", "stop", {"label": "run-1", "key": "key-run-1"}),
        ("ok", "stop", {"ended": False, "run": "r1"}),
        ("seen", "end", {"conn": 1, "reason": "stopped", "run": "r1", "cursor": "e:4"}),
    ]
    assert asked.id == "r1"


async def test_failures_and_doubts_complete_their_operation() -> None:
    async def refuse(talk: Talk) -> None:
        await talk.request()
        if "/prompts" in talk.line:
            await talk.respond(b'{"ok":false,"code":"busy","message":"wait"}', "409 Conflict")
        elif "/stop" in talk.line:
            await talk.gone()
        else:
            await talk.respond(b"", "503 Service Unavailable")

    async with serving(refuse) as server, bench(server.url, SSE) as made:
        phone, asked = await made.device(), run()
        assert not await phone.join()
        assert not await phone.prompt(asked)
        assert not await phone.stop(asked, 0.05)
        joined, prompted, stopped = (made.completed(what) for what in ("join", "prompt", "stop"))
    assert (joined.phase, joined.value["status"]) == (Phase.FAIL, 503)
    assert (prompted.phase, prompted.value["code"], prompted.value["error"]) == (Phase.FAIL, "busy", "HTTP 409: wait")
    assert (stopped.phase, stopped.value["timeout"]) == (Phase.INFO, True)
    assert made.events(Phase.INVOKE, what="read")  # a page that cannot follow shows the transcript
    assert phone.following is asked


async def test_a_resume_sends_the_last_cursor_and_names_it() -> None:
    async def twice(talk: Talk) -> None:
        asked = await subscribe(talk)
        asked_for.append(asked.get("cursor"))
        await talk.frame(event(len(asked_for) + 6))

    asked_for: list[str | None] = []
    async with serving(twice) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.join()
        await phone.until(lambda: not phone.connected, 5)
        await phone.resume()
        (invoke,) = made.events(Phase.INVOKE, what="resume")
        assert (asked_for, invoke.value) == ([None, "e:7"], {"cursor": "e:7", "conn": 2})


async def test_told_that_there_is_nothing_a_device_shows_the_transcript() -> None:
    async def nothing(talk: Talk) -> None:
        await talk.request()
        whole = {"messages": [{"role": "assistant", "id": "m1", "parts": [{"type": "text", "text": "tok-1 tok-2"}]}]}
        if "/stream" in talk.line:
            await talk.say(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            await talk.respond(json.dumps(whole).encode())

    async with serving(nothing) as server, bench(server.url, AI) as made:
        phone, asked = await made.device(), run()
        made.session.runs[asked.label] = asked
        assert not await phone.resume()
        resumed, read = made.completed("resume"), made.completed("read")
        assert (resumed.phase, resumed.value["nothing"]) == (Phase.OK, True)
        assert (read.value["shown"], read.value["messages"][0]["text"]) == (True, "tok-1 tok-2")
        assert phone.seen(asked) == 2


async def test_a_stream_without_history_is_joined_after_the_transcript_was_read() -> None:
    async def page(talk: Talk) -> None:
        await talk.request()
        if "/stream" in talk.line:
            await talk.say(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            await talk.respond(b'{"messages":[]}')

    async with serving(page) as server, bench(server.url, AI) as made:
        await (await made.device()).join()
        assert [e.what for e in made.events(Phase.INVOKE)] == ["read", "join", "read"]
        assert [talk.line.split()[1] for talk in server.talks][:2] == ["/api/chat/s-1", "/api/chat/s-1/stream"]


async def test_a_frame_opens_the_socket_it_needs() -> None:
    async def converse(talk: Talk) -> None:
        await subscribe(talk)
        await accept(talk)
        await talk.gone()

    async with serving(converse) as server, bench(server.url, SOCKET) as made:
        phone, asked = await made.device(), run()
        assert await phone.prompt(asked)
        assert [told(e) for e in made.recorder.events[1:]] == [
            ("invoke", "join"),
            ("ok", "join"),
            ("invoke", "prompt"),
            ("ok", "prompt"),
        ]
        assert phone.following is made.session.current is asked


async def test_what_the_protocol_has_no_word_for_is_unsupported_and_a_stop_may_be_hanging_up() -> None:
    async def answer(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(chat("tok-1"))
        await talk.gone()

    async with serving(answer) as server, bench(server.url, CHAT) as made:
        phone, asked = await made.device(), run()
        assert phone.needs_run_id
        assert await phone.prompt(asked)
        assert not await phone.stop(asked)
        assert not await phone.resume()
        assert made.completed("stop").value == {"hangup": True}
        assert made.completed("resume").value["unsupported"] is True
        assert [e.value["how"] for e in made.seen("closed")] == ["local"]


async def test_a_stream_that_a_prompt_opened_teaches_the_runs_id() -> None:
    async def answer(talk: Talk) -> None:
        await talk.request()
        created = {"type": "response.created", "response": {"id": "resp_9", "status": "in_progress"}}
        await talk.say(STREAM)
        await talk.chunk(f"data: {json.dumps(created)}\n\n".encode())
        await talk.gone()

    async with serving(answer) as server, bench(server.url, adapter("openai-responses")) as made:
        phone, asked = await made.device(), run()
        await phone.prompt(asked)
        assert await phone.until(lambda: asked.id == "resp_9", 5)
        (named,) = made.events(Phase.NOTE, what="named")
        assert named.value == {"label": "run-1", "run": "resp_9"}


async def test_where_a_prompt_has_no_answer_the_frames_after_it_teach_the_runs_id() -> None:
    async def answer(talk: Talk) -> None:
        await talk.upgrade()
        for run_id in ("r7", "r8"):
            await talk.hear()
            await talk.frame(json.dumps({"type": "started", "run": run_id}))
            await talk.frame(json.dumps({"type": "token", "text": "tok-1 ", "run": run_id}))
            await talk.frame(json.dumps({"type": "token", "text": "late ", "run": "r7"}))
        await talk.gone()

    async with serving(answer) as server, bench(server.url, adapter("json-socket", run_field="run")) as made:
        phone, first, second = await made.device(), run(), run("run-2")
        await phone.prompt(first)
        assert await phone.until(lambda: phone.seen(first) == 2, 5)
        await phone.prompt(second)
        assert await phone.until(lambda: phone.seen(second) == 1, 5)
        assert [e.value for e in made.events(Phase.NOTE, what="named")] == [
            {"label": "run-1", "run": "r7"},
            {"label": "run-2", "run": "r8"},
        ]


async def test_an_answered_prompt_is_named_by_its_answer_only() -> None:
    """On a shared stream the next words may be of anybody's run."""

    async def answer(talk: Talk) -> None:
        await subscribe(talk)
        asked = json.loads(await talk.hear())
        await talk.frame(event(1, run="somebody-elses"))
        await talk.frame(json.dumps({"type": "reply", "id": asked["id"], "ok": True, "run": "r1"}))
        await talk.gone()

    async with serving(answer) as server, bench(server.url, SOCKET) as made:
        phone, asked = await made.device(), run()
        await phone.prompt(asked)
        assert (asked.id, made.events(Phase.NOTE, what="named")) == ("r1", [])
        assert phone.seen(asked) == 0


async def test_what_names_no_run_belongs_to_the_one_that_was_asked_for() -> None:
    async def answer(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(chat("tok-1", "tok-2") + b"data: [DONE]\n\n")
        await talk.say(LAST_CHUNK)

    async with serving(answer) as server, bench(server.url, CHAT) as made:
        phone, asked = await made.device(), run()
        await phone.prompt(asked)
        assert await phone.until(lambda: not phone.connected, 5)
        assert {e.value.get("run") for e in made.seen() if e.what != "closed"} == {"run-1"}
        assert (phone.seen(asked), phone.ended(asked)) == (2, True)
        assert made.seen("closed")[0].value == {"conn": 1, "how": "clean", "bytes": 148}


async def test_a_response_goes_on_telling_of_its_run_when_the_next_one_is_asked_for() -> None:
    def chunk(word: str) -> bytes:
        return f'data: {{"type":"text-delta","id":"t","delta":"{word} "}}\n\n'.encode()

    asked_again = asyncio.Event()

    async def answer(talk: Talk) -> None:
        line = await talk.request()
        await talk.say(STREAM)
        if line.startswith("GET"):
            await asked_again.wait()
        await talk.chunk(chunk("old" if line.startswith("GET") else "new"))
        await talk.gone()

    async with serving(answer) as server, bench(server.url, adapter("ai-sdk")) as made:
        laptop, first, second = await made.device(), run(), run("run-2")
        made.session.current = first  # another device had asked for it
        await laptop.join()
        await laptop.prompt(second)
        asked_again.set()
        assert await laptop.until(lambda: laptop.seen(first) == laptop.seen(second) == 1, 5)
        assert {e.value["text"]: e.value["run"] for e in made.seen("text")} == {"old ": "run-1", "new ": "run-2"}


# -- what happens to it --------------------------------------------------------------------------------------------


async def endless(talk: Talk) -> None:
    """Subscribes and says a word every few milliseconds."""
    await subscribe(talk)
    for offset in range(1, 10_000):
        await talk.frame(event(offset))
        await asyncio.sleep(0.002)


async def test_a_brake_stops_exactly_after_so_many_words() -> None:
    async def burst(talk: Talk) -> None:
        await talk.request()
        await talk.say(STREAM)
        await talk.chunk(chat(*(f"tok-{number}" for number in range(1, 50))))
        await talk.gone()

    async with serving(burst) as server, bench(server.url, CHAT) as made:
        phone, asked = await made.device(), run(items=49)
        phone.brake(asked, 7)
        await phone.prompt(asked)
        await phone.braked(5)
        assert [e.value["text"] for e in made.seen("text")] == [f"tok-{number} " for number in range(1, 8)]
        assert made.seen("closed")[0].value["how"] == "local"
        await phone.prompt(asked)  # the brake is off again
        assert await phone.until(lambda: phone.seen(asked) > 40, 5)


async def test_a_frozen_device_reads_nothing_until_it_thaws() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.join()
        assert await phone.until(lambda: len(made.seen("text")) > 3, 5)
        phone.freeze()
        await asyncio.sleep(0.02)
        before = len(made.seen())
        await asyncio.sleep(0.1)
        assert len(made.seen()) == before
        phone.thaw()
        assert await phone.until(lambda: len(made.seen("text")) > before + 20, 5)
        cursors = [int(e.value["cursor"].partition(":")[2]) for e in made.seen("text")]
        assert cursors == list(range(1, len(cursors) + 1))  # and misses nothing
        assert [e.what for e in made.events(Phase.NOTE)] == ["device", "freeze", "thaw"]


async def test_a_reload_forgets_everything_and_leaving_is_for_good() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone, asked = await made.device(), Run("run-1", "", "k", 5, id="r1")
        await phone.join(asked)
        assert await phone.until(lambda: phone.seen(asked) > 2, 5)
        await phone.forget()
        assert (phone.connected, phone.seen(asked), phone.following) == (False, 0, None)
        await phone.resume()
        (invoke,) = made.events(Phase.INVOKE, what="resume")
        assert invoke.value["cursor"] is None
        await phone.leave()
        count = len(made.recorder.events)
        assert not await phone.join() and not await phone.prompt(asked) and not await phone.read()
        assert len(made.recorder.events) == count  # a device that is gone does nothing
        closed = [e.value["how"] for e in made.seen("closed")]
        assert closed == ["local", "local"]
        notes = [e.what for e in made.events(Phase.NOTE)]
        assert notes == ["device", "forget", "leave"]


async def test_offline_cuts_everything_and_online_lets_it_come_back() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.join()
        assert await phone.until(lambda: len(made.seen("text")) > 3, 5)
        await phone.offline()
        assert (phone.connected, phone.away) == (False, True)
        assert not await phone.resume()
        assert [e.value["how"] for e in made.seen("closed")] == ["rst"]
        await phone.online()
        assert await phone.resume()
        assert [e.what for e in made.events(Phase.NOTE)] == ["device", "offline", "online"]
        assert [e.value["conn"] for e in made.events(Phase.INVOKE)] == [1, 2]


async def test_a_watchdog_that_gives_up_says_timeout() -> None:
    async def silent(talk: Talk) -> None:
        await subscribe(talk)
        await talk.frame(json.dumps({"type": "ping"}))
        await talk.gone()

    async with serving(silent) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.join()
        assert await phone.until(lambda: bool(made.seen("ping")), 5)
        await asyncio.wait_for(phone.quiet(0.05, 5), 1)
        silence = made.recorder.now_ns() - made.seen("ping")[0].t_ns
        assert silence >= 50_000_000
        await phone.give_up()
        assert made.seen("closed")[0].value == {"conn": 1, "how": "timeout", "bytes": 79}


async def test_waiting_for_quiet_ends_though_it_never_comes() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.join()
        await asyncio.wait_for(phone.quiet(5, 0.1), 1)


async def test_a_refusing_link_is_a_definite_failure_of_a_join() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()
        await phone.link.inject(Refuse())
        assert not await phone.join()
        joined = made.completed("join")
        assert joined.phase is Phase.FAIL and "broke" in joined.value["error"]


# -- what it does not take -----------------------------------------------------------------------------------------


async def flooded(script: Script, limit: int) -> Bench:
    async with serving(script) as server, bench(server.url, SOCKET) as made:
        made.recorder._limit = limit
        phone = await made.device()
        await phone.join()
        assert await phone.until(lambda: not phone.connected, 5)
        return made


async def test_a_flood_is_hung_up_on_and_told() -> None:
    async def flood(talk: Talk) -> None:
        await subscribe(talk)
        for offset in range(1, 10_000):
            await talk.frame(event(offset))

    made = await flooded(flood, 50)
    assert len(made.seen("text")) < 50
    (problem,) = made.seen("problem")
    (closed,) = made.seen("closed")
    assert problem.value["error"] == closed.value["reason"] == str(ProtocolError("more was sent than a trial records"))


async def test_a_defect_of_ours_aborts_the_trial() -> None:
    async with serving(endless) as server, bench(server.url, SOCKET) as made:
        phone = await made.device()

        class Broken(Memory):
            def take(self, item: Item, run: str | None) -> None:
                raise KeyError("ours")

        phone._memory = Broken()
        await phone.join()
        await eventually(lambda: not phone.connected)
        (aborted,) = [e for e in made.recorder.events if e.what == "aborted"]
        assert (aborted.who, aborted.value) == ("stage", {"error": "KeyError: 'ours'"})
