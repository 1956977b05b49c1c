from __future__ import annotations

import json

import pytest

from audit.adapters.base import Answer, Call, Dial, Frame, Item, ItemKind, Message, Step, Traits, View
from audit.errors import ProtocolError
from audit.event import Phase, Value

from .support import VIEW, adapter, body, call, ends, frame, frames, kinds, problems, read, text

SOCKET, SSE = adapter("session"), adapter("session", transport="sse")
BACK = View("s-1", run="r_4f", cursor="k3j9:17")


def event(offset: int, kind: str, epoch: str = "k3j9", **data: object) -> Value:
    return {"type": "event", "epoch": epoch, "offset": offset, "kind": kind, "run": "r_4f", "data": data}


RUN = (
    event(1, "user", id="u_1", text="hello", key="p-1"),
    event(2, "run-start"),
    event(3, "text", text="tok-0001 "),
    event(4, "text", text="é漢🙂 "),
    event(5, "stop", by="phone"),
    event(6, "run-end", reason="stopped"),
)


def wire(*events: Value, ids: bool = True) -> bytes:
    """Events as the server writes them: an id, a name and the JSON."""
    lines = []
    for each in events:
        id = f"id: {each['epoch']}:{each['offset']}\n" if ids and "offset" in each else ""
        lines.append(f"{id}event: {each.get('kind', each['type'])}\ndata: {json.dumps(each, ensure_ascii=False)}\n\n")
    return "".join(lines).encode()


class TestSocketRequests:
    def test_it_is_the_default(self) -> None:
        assert adapter("session", transport="websocket").join(VIEW) == SOCKET.join(VIEW)

    def test_join_subscribes_and_is_answered_by_the_reply(self) -> None:
        step = SOCKET.join(VIEW)
        assert step == Dial("/v1/sessions/s-1/ws", ('{"type":"subscribe","id":"sub-1"}',), reply="sub-1")

    def test_resume_sends_the_cursor(self) -> None:
        assert frame(SOCKET.resume(BACK)) == {"type": "subscribe", "id": "sub-1", "cursor": "k3j9:17"}
        assert SOCKET.resume(VIEW) == SOCKET.join(VIEW)

    def test_a_prompt_is_a_frame_whose_id_holds_its_key(self) -> None:
        step = SOCKET.prompt(VIEW, "say é", "p-1")
        assert isinstance(step, Frame)
        assert step == Frame('{"type":"prompt","id":"prompt-p-1","key":"p-1","text":"say é"}', reply="prompt-p-1")

    def test_a_stop_names_the_run_or_before_it_is_known_the_prompt(self) -> None:
        assert frame(SOCKET.stop(BACK, "p-1")) == {"type": "stop", "id": "stop-p-1", "run": "r_4f"}
        assert frame(SOCKET.stop(VIEW, "p-1")) == {"type": "stop", "id": "stop-p-1", "key": "p-1"}

    def test_ids_of_one_connection_differ(self) -> None:
        steps: list[Step] = [SOCKET.join(VIEW), SOCKET.prompt(VIEW, "", "a"), SOCKET.prompt(VIEW, "", "b")]
        steps += [SOCKET.stop(VIEW, "a"), SOCKET.stop(VIEW, "b")]
        assert len({frame(step)["id"] for step in steps}) == len(steps)

    def test_the_upgrade_is_answered_with_101_and_nothing_else(self) -> None:
        assert SOCKET.answer("join", 101, {}, b"").streaming
        assert SOCKET.answer("resume", 200, {}, b"").phase is Phase.FAIL
        assert SOCKET.answer("resume", 403, {}, b'{"message":"no"}').value == {"status": 403, "error": "HTTP 403: no"}


class TestSseRequests:
    def test_join_opens_the_events(self) -> None:
        step = call(SSE.join(VIEW))
        assert (step.method, step.path, step.stream) == ("GET", "/v1/sessions/s-1/events", True)
        assert step.headers == {"accept": "text/event-stream"}

    def test_resume_names_the_last_event(self) -> None:
        assert call(SSE.resume(BACK)).headers["last-event-id"] == "k3j9:17"
        assert SSE.resume(VIEW) == SSE.join(VIEW)

    def test_commands_are_posts(self) -> None:
        prompt, stop = call(SSE.prompt(VIEW, "say é", "p-1")), call(SSE.stop(BACK, "p-1"))
        assert (prompt.method, prompt.path, prompt.stream) == ("POST", "/v1/sessions/s-1/prompts", False)
        assert prompt.body == '{"key":"p-1","text":"say é"}'.encode()
        assert (stop.method, stop.path, stop.body) == ("POST", "/v1/sessions/s-1/stop", b'{"run":"r_4f"}')
        assert body(SSE.stop(VIEW, "p-1")) == {"key": "p-1"}

    def test_a_prompt_is_answered_with_its_run(self) -> None:
        answer = SSE.answer("prompt", 202, {}, b'{"ok":true,"run":"r_4f","duplicate":true}')
        assert answer.phase is Phase.OK
        assert answer.value == {"status": 202, "run": "r_4f", "duplicate": True}

    def test_a_refused_prompt_says_why(self) -> None:
        answer = SSE.answer("prompt", 409, {}, b'{"ok":false,"code":"busy","message":"a run is going on"}')
        assert answer.phase is Phase.FAIL
        assert answer.value == {"status": 409, "code": "busy", "error": "HTTP 409: a run is going on"}

    def test_not_ok_is_a_refusal_whatever_the_status(self) -> None:
        answer = SSE.answer("prompt", 202, {}, b'{"ok":false,"code":"busy"}')
        assert (answer.phase, answer.value["error"]) == (Phase.FAIL, "busy")

    def test_accepted_without_the_promised_json_is_nobody_knows(self) -> None:
        answer = SSE.answer("prompt", 202, {}, b"[]")
        assert answer == Answer(
            Phase.INFO, {"status": 202, "error": "HTTP 202, but a JSON object was expected, not an array"}
        )

    @pytest.mark.parametrize("status", [408, 502, 504])
    def test_a_gateway_that_lost_the_server_is_nobody_knows(self, status: int) -> None:
        assert SSE.answer("stop", status, {}, b"").phase is Phase.INFO
        assert SSE.answer("join", status, {}, b"").phase is Phase.FAIL

    def test_a_stop_says_whether_it_was_over(self) -> None:
        answer = SSE.answer("stop", 202, {}, b'{"ok":true,"run":"r_4f","ended":true}')
        assert answer.value == {"status": 202, "run": "r_4f", "ended": True}
        assert SSE.answer("stop", 404, {}, b'{"ok":false,"code":"unknown-run"}').value["code"] == "unknown-run"

    def test_a_page_is_not_a_stream(self) -> None:
        answer = SSE.answer("join", 200, {"content-type": "text/html; charset=utf-8"}, b"")
        assert (answer.phase, answer.streaming) == (Phase.FAIL, False)
        for operation in ("join", "resume"):
            assert SSE.answer(operation, 200, {"content-type": "text/event-stream; charset=utf-8"}, b"").streaming


def test_session_ids_are_quoted() -> None:
    odd = View("a/b?c#d é")
    assert call(SSE.read(odd)).path == "/v1/sessions/a%2Fb%3Fc%23d%20%C3%A9/transcript"
    assert isinstance(SOCKET.join(odd), Dial)


def test_both_transports_promise_the_same() -> None:
    assert SOCKET.traits == SSE.traits
    assert SOCKET.traits == Traits(
        subscribes=True,
        cursor="offset+epoch",
        replay="continue",
        dedupe="cursor",
        comparison="events",
        stop="command",
        endings=("completed", "stopped", "failed", "superseded"),
        resumes=True,
        observable=True,
        history=True,
        prompt_key=True,
        steers=True,
        approves=True,
        presence=True,
        presence_ttl_s=2.0,
        agents=True,
    )
    assert SOCKET.id == SSE.id == "session"


EXPECTED = [
    Item(ItemKind.USER, "hello", "r_4f", "k3j9:1", "u_1", {"id": "u_1", "key": "p-1"}),
    Item(ItemKind.START, "", "r_4f", "k3j9:2"),
    Item(ItemKind.TEXT, "tok-0001 ", "r_4f", "k3j9:3"),
    Item(ItemKind.TEXT, "é漢🙂 ", "r_4f", "k3j9:4"),
    Item(ItemKind.END, "", "r_4f", "k3j9:6", None, {"reason": "stopped"}),
]


class TestReading:
    def test_a_conversation_over_the_socket(self) -> None:
        reply = {"type": "reply", "id": "sub-1", "ok": True, "recovered": True, "epoch": "k3j9", "head": 6}
        items = frames(SOCKET, reply, *RUN, {"type": "caught-up", "cursor": "k3j9:6"}, {"type": "ping"})
        assert items[0].data == {"reply": "sub-1", "ok": True, "recovered": True, "epoch": "k3j9"}
        assert items[1:-2] == EXPECTED
        assert items[-2:] == [Item(ItemKind.CAUGHT_UP, cursor="k3j9:6"), Item(ItemKind.PING)]

    def test_a_conversation_over_sse(self) -> None:
        subscribed = {"type": "subscribed", "recovered": True, "epoch": "k3j9", "head": 6}
        stream = b"retry: 1000\n\n" + wire(subscribed, *RUN, {"type": "caught-up", "cursor": "k3j9:6"}) + b": ping\n\n"
        assert read(SSE, stream, "join") == [*EXPECTED, Item(ItemKind.CAUGHT_UP, cursor="k3j9:6"), Item(ItemKind.PING)]

    def test_a_resume_that_missed_nothing_has_no_id_to_compare(self) -> None:
        subscribed = {"type": "subscribed", "recovered": True, "epoch": "k3j9", "head": 6}
        items = read(SSE, wire(subscribed, {"type": "caught-up", "cursor": "k3j9:6"}), "resume")
        assert kinds(items) == ["caught-up"]

    @pytest.mark.parametrize("reason", ["foreign-epoch", "future", "expired", "malformed"])
    def test_what_was_not_recovered_is_a_gap(self, reason: str) -> None:
        told = {"recovered": False, "gap": {"reason": reason}}
        gap = Item(ItemKind.GAP, data={"reason": reason})
        assert frames(SOCKET, {"type": "reply", "id": "sub-1", "ok": True, **told})[1] == gap
        assert read(SSE, wire({"type": "subscribed", **told}), "resume") == [gap]

    def test_a_gap_without_a_reason_is_still_a_gap(self) -> None:
        (gap,) = read(SSE, wire({"type": "subscribed", "recovered": False, "gap": None}), "resume")
        assert gap.data == {"reason": "unknown"}

    def test_replies_carry_what_the_commands_ask_for(self) -> None:
        accepted, refused, stopped = frames(
            SOCKET,
            {"type": "reply", "id": "prompt-a", "ok": True, "run": "r_1", "duplicate": False},
            {"type": "reply", "id": "prompt-b", "ok": False, "code": "busy", "message": "a run is going on"},
            {"type": "reply", "id": "stop-a", "ok": True, "ended": True},
        )
        assert accepted.data == {"reply": "prompt-a", "ok": True, "run": "r_1", "duplicate": False}
        assert refused.data == {"reply": "prompt-b", "ok": False, "code": "busy", "error": "a run is going on"}
        assert stopped.data == {"reply": "stop-a", "ok": True, "ended": True}

    def test_a_failed_run_says_why(self) -> None:
        (end,) = frames(SOCKET, event(9, "run-end", reason="failed", error="the model\nbroke"))
        assert end.data == {"reason": "failed", "error": "the model\nbroke"}

    def test_an_unheard_of_ending_is_unknown(self) -> None:
        assert ends(frames(SOCKET, event(9, "run-end", reason="exploded"), event(9, "run-end"))) == ["unknown"] * 2

    def test_the_sse_id_has_to_be_the_cursor(self) -> None:
        first, second = event(1, "text", text="a"), event(2, "text", text="b")
        for stream in (wire(first, second, ids=False), wire(first) + wire(second, ids=False)):
            items = read(SSE, stream, "join")
            assert text(items) == "ab"
            assert "is not the cursor of its event" in problems(items)[-1]

    def test_a_protocol_may_grow(self) -> None:
        assert frames(SOCKET, {"type": "presence"}, event(3, "mood", text="x"), {"type": "event-2"}) == []


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "[]",
        "{}",
        '{"type":5}',
        '{"type":"reply","ok":true}',
        '{"type":"event"}',
        '{"type":"event","epoch":"e","offset":"1","kind":"text","data":{"text":"x"}}',
        '{"type":"event","epoch":"e","offset":true,"kind":"text","data":{"text":"x"}}',
        '{"type":"event","epoch":"","offset":1,"kind":"text","data":{"text":"x"}}',
        '{"type":"event","epoch":["e"],"offset":1,"kind":"text","data":{"text":"x"}}',
        '{"type":"event","epoch":"e","offset":1,"data":{"text":"x"}}',
        '{"type":"event","epoch":"e","offset":1,"kind":["text"],"data":{"text":"x"}}',
        '{"type":"event","epoch":"e","offset":1,"kind":"text","data":{"text":5}}',
        '{"type":"event","epoch":"e","offset":1,"kind":"user","data":"x"}',
        '{"type":"event","data":' + "[" * 50_000,
        b"\xff\xfe",
    ],
)
def test_damaged_frames_are_problems(message: str | bytes) -> None:
    (problem,) = frames(SOCKET, message)
    assert problem.kind is ItemKind.PROBLEM
    assert len(problem.data["error"]) < 500


class TestTranscript:
    def test_messages(self) -> None:
        rows = [
            {"role": "user", "id": "u_1", "text": "hello", "run": "r_4f", "ending": None},
            {"role": "assistant", "id": "a_1", "text": "tok-0001 ", "run": "r_4f", "ending": "running"},
            {"role": "assistant", "text": "", "ending": "exploded"},
        ]
        found = SOCKET.transcript(json.dumps({"epoch": "k3j9", "head": 3, "messages": rows}).encode())
        assert found == (
            Message("user", "hello", "u_1", "r_4f"),
            Message("assistant", "tok-0001 ", "a_1", "r_4f", "running"),
            Message("assistant", "", ending="unknown"),
        )

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff",
            b"null",
            b"[]",
            b"{}",
            b'{"messages":{}}',
            b'{"messages":[1]}',
            b'{"messages":[{"role":"x","text":""}]}',
            b'{"messages":[{"role":"user"}]}',
            b'{"messages":' + b"[" * 50_000,
        ],
    )
    def test_damage(self, body: bytes) -> None:
        with pytest.raises(ProtocolError):
            SOCKET.transcript(body)

    def test_it_is_fetched_over_http_on_either_transport(self) -> None:
        for target in (SOCKET, SSE):
            assert isinstance(target.read(VIEW), Call)
            assert target.answer("read", 200, {"content-type": "application/json"}, b"{}").phase is Phase.OK
            assert target.answer("read", 404, {}, b"").phase is Phase.FAIL


class TestPresence:
    def test_only_who_shows_it_asks_for_it(self) -> None:
        page = View("s-1", presence=True)
        assert frame(SOCKET.join(page)) == {"type": "subscribe", "id": "sub-1", "presence": True}
        assert call(SSE.join(page)).path == "/v1/sessions/s-1/events?presence=1"
        again = View("s-1", cursor="k3j9:17", presence=True)
        assert frame(SOCKET.resume(again))["presence"] is True
        assert call(SSE.resume(again)).path.endswith("/events?presence=1")

    @pytest.mark.parametrize("transport", ["websocket", "sse"])
    def test_it_can_be_left_out(self, transport: str) -> None:
        silent = adapter("session", transport=transport, presence=False)
        assert silent.join(View("s-1", presence=True)) == adapter("session", transport=transport).join(View("s-1"))
        assert not silent.traits.presence


class TestFolded:
    MESSAGES = (
        {"role": "user", "id": "u_1", "text": "hello", "run": "r_1", "ending": None, "key": "p-1"},
        {"role": "assistant", "id": "a_1", "text": "tok-1 ", "run": "r_1", "ending": "completed"},
        {"role": "assistant", "id": "a_2", "text": "tok-2 ", "run": "r_2", "ending": "running"},
        {"role": "assistant", "id": "a_2_x", "text": "below ", "run": "r_2", "ending": "running", "agent": "x"},
        {"role": "assistant", "id": "a_3", "text": "", "run": "r_3", "ending": "running"},
    )

    def folded(self, **changes: object) -> Value:
        asks = [{"id": "q_1", "run": "r_2", "what": "go on?"}]
        return {"type": "folded", "cursor": "k3j9:40", "messages": list(self.MESSAGES), "approvals": asks} | changes

    def test_a_join_asks_for_it_and_a_resume_does_not(self) -> None:
        socket, sse = adapter("session", join="fold"), adapter("session", join="fold", transport="sse")
        assert frame(socket.join(VIEW)) == {"type": "subscribe", "id": "sub-1", "from": "fold"}
        assert call(sse.join(View("s-1", presence=True))).path == "/v1/sessions/s-1/events?from=fold&presence=1"
        assert frame(socket.resume(BACK)) == {"type": "subscribe", "id": "sub-1", "cursor": "k3j9:17"}
        assert call(sse.resume(BACK)).path == "/v1/sessions/s-1/events"

    def test_it_stands_for_every_event_so_far(self) -> None:
        assert frames(SOCKET, self.folded()) == [
            Item(ItemKind.USER, "hello", "r_1", None, "u_1", {"id": "u_1", "key": "p-1"}),
            Item(ItemKind.SNAPSHOT, "tok-1 ", "r_1", data={"reason": "completed"}),
            Item(ItemKind.SNAPSHOT, "tok-2 ", "r_2"),
            Item(ItemKind.SNAPSHOT, "below ", "r_2", data={"agent": "x"}),
            Item(ItemKind.APPROVAL_REQUEST, "", "r_2", "k3j9:40", data={"id": "q_1", "what": "go on?"}),
        ]

    def test_only_its_last_item_has_the_cursor(self) -> None:
        cursors = [item.cursor for item in frames(SOCKET, self.folded(approvals=[]))]
        assert cursors == [None, None, None, "k3j9:40"]
        assert frames(SOCKET, self.folded(messages=[], approvals=[])) == []

    @pytest.mark.parametrize(
        "changes", [{"messages": None}, {"approvals": None}, {"messages": [7]}, {"messages": [{"role": "user"}]}]
    )
    def test_damage_is_told(self, changes: Value) -> None:
        assert kinds(frames(SOCKET, self.folded(**changes))) == ["problem"]

    def test_what_is_no_question_asks_nothing(self) -> None:
        assert "approval-request" not in kinds(frames(SOCKET, self.folded(approvals=[None, 3])))


def test_a_transcript_names_its_sub_agents() -> None:
    said = {"role": "assistant", "id": "a", "text": "x", "run": "r", "ending": "completed", "agent": "a1"}
    (message,) = SOCKET.transcript(json.dumps({"messages": [said]}).encode())
    assert message == Message("assistant", "x", "a", "r", "completed", "a1")
