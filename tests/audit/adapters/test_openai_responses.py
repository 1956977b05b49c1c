from __future__ import annotations

import json

import pytest

from audit.adapters.base import Answer, Hangup, Item, ItemKind, Message, Unsupported, View
from audit.errors import ProtocolError
from audit.event import Phase, Value

from .support import VIEW, adapter, body, call, ends, kinds, problems, read, sse, text

RESPONSES, FOREGROUND = adapter("openai-responses"), adapter("openai-responses", background=False)
BACK = View("s-1", run="resp_1", cursor="4")


def response(number: int, type: str, status: str, **more: object) -> Value:
    return {
        "type": f"response.{type}",
        "sequence_number": number,
        "response": {"id": "resp_1", "object": "response", "status": status, **more},
    }


def delta(number: int, text: str) -> Value:
    return {"type": "response.output_text.delta", "sequence_number": number, "item_id": "msg_1", "delta": text}


BEGIN = (
    response(0, "created", "queued"),
    response(1, "queued", "queued"),
    response(2, "in_progress", "in_progress"),
    {"type": "response.output_item.added", "sequence_number": 3, "item": {"id": "msg_1", "type": "message"}},
    delta(4, "tok-0001 "),
    delta(5, "é漢🙂"),
)


class TestRequests:
    def test_a_prompt_creates_a_response_in_the_background(self) -> None:
        step = call(RESPONSES.prompt(VIEW, "say é", "p-1"))
        assert (step.method, step.path, step.stream) == ("POST", "/v1/responses", True)
        assert step.headers["Idempotency-Key"] == "p-1"
        assert step.body == (
            '{"model":"default","input":"say é","background":true,"stream":true,"store":true}'.encode()
        )

    def test_options_reach_the_request(self) -> None:
        target = adapter("openai-responses", path="/r", model="m", idempotency_header="", extra={"user": "u"})
        step = call(target.prompt(VIEW, "x", "p-1"))
        assert step.path == "/r"
        assert "Idempotency-Key" not in step.headers
        assert (body(step)["user"], body(step)["model"]) == ("u", "m")
        assert not target.traits.prompt_key

    def test_resume_starts_after_the_cursor(self) -> None:
        step = call(RESPONSES.resume(BACK))
        assert (step.method, step.path, step.stream) == (
            "GET",
            "/v1/responses/resp_1?stream=true&starting_after=4",
            True,
        )

    def test_without_a_cursor_it_starts_at_the_beginning(self) -> None:
        for step in (RESPONSES.join(BACK), RESPONSES.resume(View("s-1", run="resp_1"))):
            assert call(step).path == "/v1/responses/resp_1?stream=true"

    def test_what_needs_an_id_says_so(self) -> None:
        for step in (RESPONSES.join(VIEW), RESPONSES.resume(VIEW), RESPONSES.stop(VIEW, "p-1"), RESPONSES.read(VIEW)):
            assert isinstance(step, Unsupported)
            assert "id" in step.reason

    def test_stop_and_read_go_to_the_response(self) -> None:
        stop, fetch = call(RESPONSES.stop(BACK, "p-1")), call(RESPONSES.read(BACK))
        assert (stop.method, stop.path, stop.body) == ("POST", "/v1/responses/resp_1/cancel", None)
        assert (fetch.method, fetch.path) == ("GET", "/v1/responses/resp_1")

    def test_an_id_from_the_wire_stays_one_path_segment(self) -> None:
        evil = View("s-1", run="../x?y#z\r\n\ud83d", cursor="1&2")
        assert call(RESPONSES.resume(evil)).path == (
            "/v1/responses/..%2Fx%3Fy%23z%0D%0A%3F?stream=true&starting_after=1%262"
        )

    def test_in_the_foreground_hanging_up_is_the_only_stop(self) -> None:
        assert FOREGROUND.stop(BACK, "p-1") == Hangup()
        assert isinstance(FOREGROUND.join(BACK), Unsupported)
        assert isinstance(FOREGROUND.resume(BACK), Unsupported)
        assert body(FOREGROUND.prompt(VIEW, "x", "k"))["background"] is False


def test_traits_follow_the_mode() -> None:
    traits = RESPONSES.traits
    assert (traits.subscribes, traits.cursor, traits.replay, traits.dedupe) == (False, "int", "continue", "cursor")
    assert (traits.stop, traits.resumes, traits.observable) == ("command", True, True)
    assert (traits.comparison, traits.history, traits.prompt_key) == ("events", True, True)
    assert (FOREGROUND.traits.stop, FOREGROUND.traits.resumes, FOREGROUND.traits.replay) == ("hangup", False, "none")


class TestAnswers:
    def test_too_old_is_an_explicit_refusal(self) -> None:
        said = "Response resp_1 can no longer be streamed because it is more than 5 minutes old"
        refused = RESPONSES.answer("resume", 400, {}, json.dumps({"error": {"message": said}}).encode())
        assert (refused.phase, refused.value["error"]) == (Phase.FAIL, f"HTTP 400: {said}")

    @pytest.mark.parametrize(
        ("status", "ended"),
        [
            ("cancelled", False),
            ("in_progress", False),
            ("completed", True),
            ("failed", True),
            ("incomplete", True),
            (None, False),
            (["completed"], False),
        ],
    )
    def test_a_cancel_says_whether_it_was_over(self, status: object, ended: bool) -> None:
        answer = RESPONSES.answer("stop", 200, {}, json.dumps({"id": "resp_1", "status": status}).encode())
        assert answer == Answer(Phase.OK, {"status": 200, "ended": ended, "run": "resp_1"})

    def test_a_cancel_without_the_promised_json_is_nobody_knows(self) -> None:
        answer = RESPONSES.answer("stop", 200, {}, b"[]")
        assert answer.phase is Phase.INFO
        assert answer.value == {"status": 200, "error": "HTTP 200, but a JSON object was expected, not an array"}

    def test_a_refused_cancel(self) -> None:
        assert RESPONSES.answer("stop", 404, {}, b"").phase is Phase.FAIL
        assert RESPONSES.answer("stop", 504, {}, b"").phase is Phase.INFO

    def test_a_cancel_of_something_nameless(self) -> None:
        assert RESPONSES.answer("stop", 200, {}, b'{"id":5}').value == {"status": 200, "ended": False}


class TestReading:
    def test_a_response(self) -> None:
        assert read(RESPONSES, sse(*BEGIN, response(6, "completed", "completed"))) == [
            Item(ItemKind.START, run="resp_1", cursor="0"),
            Item(ItemKind.TEXT, "tok-0001 ", "resp_1", "4", "msg_1"),
            Item(ItemKind.TEXT, "é漢🙂", "resp_1", "5", "msg_1"),
            Item(ItemKind.END, "", "resp_1", "6", None, {"reason": "completed"}),
        ]

    def test_a_resumed_stream_need_not_name_the_run(self) -> None:
        first, end = read(RESPONSES, sse(delta(5, "x"), response(6, "completed", "completed")), "resume")
        assert (first.run, first.cursor) == (None, "5")
        assert end.run == "resp_1"

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            (response(6, "failed", "failed", error={"code": "server_error", "message": "broke"}), "failed"),
            (response(6, "incomplete", "incomplete", incomplete_details={"reason": "max_output_tokens"}), "failed"),
            (response(6, "incomplete", "cancelled"), "stopped"),
            (response(6, "completed", "cancelled"), "stopped"),
            (response(6, "cancelled", "cancelled"), "stopped"),
            ({"type": "error", "sequence_number": 6, "code": "x", "message": "broke"}, "failed"),
            ({"type": "error", "error": {"message": "broke"}}, "failed"),
            ({"type": "error", "code": "broke", "message": None}, "failed"),
        ],
    )
    def test_endings(self, event: Value, reason: str) -> None:
        items = read(RESPONSES, sse(*BEGIN, event))
        assert ends(items) == [reason]
        if "broke" in json.dumps(event):
            assert items[-1].data["error"] == "broke"

    def test_a_refusal_is_what_the_user_reads(self) -> None:
        refusal = {"type": "response.refusal.delta", "sequence_number": 6, "delta": "I can't"}
        assert text(read(RESPONSES, sse(refusal))) == "I can't"

    def test_events_that_show_nothing_are_no_problem(self) -> None:
        others = [
            {"type": "response.output_text.done", "sequence_number": 9, "text": "tok-0001 "},
            {"type": "response.reasoning_summary_text.delta", "delta": "hmm"},
            {"type": "of.a.later.version"},
        ]
        assert kinds(read(RESPONSES, sse(*others, {"type": "keepalive", "sequence_number": 3}, "[DONE]"))) == ["ping"]

    @pytest.mark.parametrize("number", [None, "4", True, 4.0, [4]])
    def test_an_item_without_a_number_carries_no_cursor(self, number: object) -> None:
        (item,) = read(RESPONSES, sse({**delta(4, "x"), "sequence_number": number}))
        assert item.cursor is None


@pytest.mark.parametrize("event", ["x", "[]", "{}", '{"type":{}}', '{"type":"response.output_text.delta"}'])
def test_damage_is_a_problem(event: str) -> None:
    assert len(problems(read(RESPONSES, sse(event)))) == 1


class TestTranscript:
    @pytest.mark.parametrize(
        ("status", "ending"),
        [
            ("queued", "running"),
            ("in_progress", "running"),
            ("completed", "completed"),
            ("cancelled", "stopped"),
            ("failed", "failed"),
            ("incomplete", "failed"),
            ("novel", None),
            (None, None),
            (["completed"], None),
        ],
    )
    def test_one_answer(self, status: object, ending: str | None) -> None:
        stored = {
            "id": "resp_1",
            "status": status,
            "output": [
                {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hmm"}]},
                {
                    "type": "message",
                    "id": "msg_1",
                    "content": [
                        {"type": "output_text", "text": "tok-0001 "},
                        {"type": "refusal", "refusal": "no more"},
                    ],
                },
            ],
        }
        assert RESPONSES.transcript(json.dumps(stored).encode()) == (
            Message("assistant", "tok-0001 no more", "msg_1", "resp_1", ending),
        )

    def test_nothing_said_yet(self) -> None:
        assert RESPONSES.transcript(b'{"id":"resp_1","status":"queued","output":[]}') == (
            Message("assistant", "", None, "resp_1", "running"),
        )

    @pytest.mark.parametrize("body", [b"", b"[]", b"1", b'{"output":{}}', b"[" * 50_000])
    def test_damage(self, body: bytes) -> None:
        with pytest.raises(ProtocolError):
            RESPONSES.transcript(body)
