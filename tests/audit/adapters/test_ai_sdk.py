"""The bytes are those of a server built on npm `ai` 7.0.173 with resumable-stream 2.2.13, shortened."""

from __future__ import annotations

import json

import pytest

from audit.adapters.base import Call, Hangup, Item, ItemKind, Message, Unsupported, View
from audit.errors import ProtocolError
from audit.event import Phase

from .support import VIEW, adapter, body, call, ends, kinds, problems, read, sse, text

PATHS = {"stop_path": "/api/chat/{id}/stop", "history_path": "/api/chat/{id}"}
AI, FULL = adapter("ai-sdk"), adapter("ai-sdk", **PATHS)
PLAIN = adapter("ai-sdk", resume_path="")

BEGIN = (
    {"type": "start", "messageId": "Cqo0nirtHFtIiiIX"},
    {"type": "start-step"},
    {"type": "text-start", "id": "t1"},
    {"type": "text-delta", "id": "t1", "delta": "tok-0001 "},
    {"type": "text-delta", "id": "t1", "delta": "tok-0002 "},
)
FINISH = (
    {"type": "text-end", "id": "t1"},
    {"type": "finish-step"},
    {"type": "finish", "finishReason": "stop"},
)
ABORT = {"type": "abort", "reason": "AbortError: This operation was aborted"}


class TestRequests:
    def test_a_prompt_sends_the_new_message(self) -> None:
        step = call(AI.prompt(VIEW, "say é", "p-1"))
        assert (step.method, step.path, step.stream) == ("POST", "/api/chat", True)
        assert body(step) == {
            "id": "s-1",
            "messages": [{"id": "p-1", "role": "user", "parts": [{"type": "text", "text": "say é"}]}],
            "trigger": "submit-message",
        }

    def test_or_the_message_alone_with_extras(self) -> None:
        step = adapter("ai-sdk", send="message", extra={"model": "m", "id": "ignored"}).prompt(VIEW, "x", "p-1")
        assert body(step) == {
            "model": "m",
            "id": "s-1",
            "message": {"id": "p-1", "role": "user", "parts": [{"type": "text", "text": "x"}]},
            "trigger": "submit-message",
        }

    def test_join_and_resume_are_the_same_request(self) -> None:
        step = call(AI.resume(View("a/b", cursor="ignored")))
        assert (step.method, step.path, step.stream, step.body) == ("GET", "/api/chat/a%2Fb/stream", True, None)
        assert AI.join(VIEW) == AI.resume(VIEW)

    def test_stopping_and_reading_back_are_the_apps(self) -> None:
        assert AI.stop(VIEW, "p-1") == Hangup()
        assert isinstance(AI.read(VIEW), Unsupported)
        assert FULL.stop(VIEW, "p-1") == Call("POST", "/api/chat/s-1/stop")
        assert call(FULL.read(VIEW)).path == "/api/chat/s-1"
        assert adapter("ai-sdk", **PATHS, stop_method="POST", send="messages") == FULL
        assert call(adapter("ai-sdk", **PATHS, stop_method="DELETE").stop(VIEW, "p-1")).method == "DELETE"

    def test_without_a_resume_path_nothing_leads_back(self) -> None:
        for step in (PLAIN.join(VIEW), PLAIN.resume(VIEW)):
            assert isinstance(step, Unsupported)


class TestTraits:
    def test_as_the_sdk_comes(self) -> None:
        traits = AI.traits
        assert (traits.subscribes, traits.cursor, traits.replay, traits.dedupe) == (False, "none", "full", "reset")
        assert (traits.comparison, traits.stop, traits.history) == ("content", "hangup", False)
        assert (traits.resumes, traits.observable, traits.prompt_key) == (True, True, False)
        assert traits.endings == ("completed", "stopped", "failed")

    def test_paths_make_the_difference(self) -> None:
        assert (FULL.traits.stop, FULL.traits.history) == ("command", True)
        assert (PLAIN.traits.resumes, PLAIN.traits.observable) == (False, False)
        assert (PLAIN.traits.replay, PLAIN.traits.dedupe) == ("none", "none")


class TestAnswers:
    def test_204_is_nothing_to_resume(self) -> None:
        for operation in ("join", "resume"):
            answer = AI.answer(operation, 204, {}, b"")
            assert (answer.phase, answer.value.get("nothing"), answer.streaming) == (Phase.OK, True, False)

    def test_404_is_a_failure(self) -> None:
        assert AI.answer("resume", 404, {}, b'{"error":"not found"}').value["error"] == "HTTP 404: not found"

    def test_a_stop_is_answered_by_its_status(self) -> None:
        assert FULL.answer("stop", 200, {"content-type": "application/json"}, b'{"success":true}').phase is Phase.OK
        assert FULL.answer("stop", 204, {}, b"").phase is Phase.OK
        assert FULL.answer("stop", 405, {}, b"").phase is Phase.FAIL


class TestReading:
    def test_a_response(self) -> None:
        id = "Cqo0nirtHFtIiiIX"
        assert read(AI, sse(*BEGIN, *FINISH, "[DONE]")) == [
            Item(ItemKind.START, message=id),
            Item(ItemKind.TEXT, "tok-0001 ", message=id),
            Item(ItemKind.TEXT, "tok-0002 ", message=id),
            Item(ItemKind.END, message=id, data={"reason": "completed"}),
        ]

    def test_a_replay_starts_over(self) -> None:
        for operation in ("join", "resume"):
            items = read(AI, sse(*BEGIN, *FINISH, "[DONE]"), operation)
            assert kinds(items) == ["reset", "start", "text", "text", "end"]

    def test_merged_streams_reset_only_once(self) -> None:
        items = read(AI, sse(*BEGIN, {"type": "start", "messageId": "m2"}, BEGIN[3]), "resume")
        assert kinds(items) == ["reset", "start", "text", "text", "text"]
        assert items[-1].message == "m2"

    def test_an_abort_is_a_stop(self) -> None:
        items = read(AI, sse(*BEGIN, ABORT, "[DONE]"))
        assert ends(items) == ["stopped"]
        assert items[-1].data["error"] == "AbortError: This operation was aborted"

    def test_an_error_is_a_failure_and_the_finish_after_it_no_second_ending(self) -> None:
        error = {"type": "error", "errorText": "overloaded"}
        items = read(AI, sse(*BEGIN, error, {"type": "finish", "finishReason": "error"}, "[DONE]"))
        assert [item.data for item in items if item.kind is ItemKind.END] == [
            {"reason": "failed", "error": "overloaded"}
        ]

    @pytest.mark.parametrize(
        ("finish", "reason"),
        [
            ({}, "completed"),
            ({"finishReason": "length"}, "completed"),
            ({"finishReason": ["x"]}, "completed"),
            ({"finishReason": "error"}, "failed"),
            ({"finishReason": "interrupted"}, "failed"),
        ],
    )
    def test_a_finish_may_say_how(self, finish: dict[str, object], reason: str) -> None:
        assert ends(read(AI, sse(*BEGIN, {"type": "finish", **finish}, "[DONE]"))) == [reason]

    def test_contradictory_endings_are_both_told(self) -> None:
        assert ends(read(AI, sse(*BEGIN, *FINISH, ABORT, ABORT, "[DONE]"))) == ["completed", "stopped"]

    def test_cut_there_is_no_ending_and_done_alone_does_not_say_how(self) -> None:
        assert ends(read(AI, sse(*BEGIN))) == []
        assert ends(read(AI, sse(*BEGIN, "[DONE]"))) == ["unknown"]

    def test_other_parts_are_no_text_and_no_problem(self) -> None:
        others = [
            {"type": "reasoning-start", "id": "r"},
            {"type": "reasoning-delta", "id": "r", "delta": "hmm"},
            {"type": "tool-input-delta", "toolCallId": "c", "inputTextDelta": "{"},
            {"type": "tool-output-available", "toolCallId": "c", "output": {"text": "x"}},
            {"type": "data-weather", "data": {"text": "x"}},
            {"type": "source-url", "sourceId": "s", "url": "https://example.org"},
            {"type": "message-metadata", "messageMetadata": {}},
            {"type": "of-a-later-version"},
        ]
        assert kinds(read(AI, sse(*others, *BEGIN))) == ["start", "text", "text"]

    def test_a_step_tried_again_takes_back_what_it_showed(self) -> None:
        def delta(text: str) -> dict[str, str]:
            return {"type": "text-delta", "id": "t", "delta": text}

        step, again = {"type": "start-step"}, {"type": "reset-step"}
        items = read(AI, sse(BEGIN[0], step, delta("kept "), step, delta("wrong"), again, delta("right")))
        assert kinds(items) == ["start", "text", "text", "snapshot", "text"]
        assert text(items) == "kept right"

    def test_a_reset_before_any_step_takes_back_everything(self) -> None:
        items = read(AI, sse(BEGIN[3], {"type": "reset-step"}))
        assert items[-1] == Item(ItemKind.SNAPSHOT, "")

    def test_a_character_cut_in_half_stays_whole_over_a_snapshot(self) -> None:
        halves = b'data: {"type":"text-delta","delta":"\\ud83d"}\n\ndata: {"type":"text-delta","delta":"\\ude42"}\n\n'
        items = read(AI, halves + sse({"type": "start-step"}, {"type": "reset-step"}))
        assert text(items[:2]) == text(items) == "🙂"

    def test_keep_alive_comments_are_heartbeats(self) -> None:
        assert kinds(read(AI, b": stream-open\n\n" + sse(BEGIN[0]) + b": keep-alive\n\n")) == ["ping", "start", "ping"]


@pytest.mark.parametrize(
    "event",
    [
        "x",
        "[]",
        "{}",
        '{"type":null}',
        '{"type":["start"]}',
        '{"type":"text-delta"}',
        '{"type":"text-delta","delta":1}',
    ],
)
def test_damage_is_a_problem(event: str) -> None:
    assert len(problems(read(AI, sse(event)))) == 1


class TestTranscript:
    STORED = (
        {"id": "p-1", "role": "user", "parts": [{"type": "text", "text": "hi"}]},
        {"id": "sys", "role": "system", "parts": []},
        {
            "id": "Cqo0",
            "role": "assistant",
            "parts": [
                {"type": "step-start"},
                {"type": "reasoning", "text": "hmm"},
                {"type": "text", "text": "tok-0001 ", "state": "done"},
                {"type": "text", "text": "tok-0002 "},
            ],
        },
    )

    @pytest.mark.parametrize("whole", [{"id": "s-1", "messages": STORED}, STORED])
    def test_messages(self, whole: object) -> None:
        assert FULL.transcript(json.dumps(whole).encode()) == (
            Message("user", "hi", "p-1"),
            Message("assistant", "tok-0001 tok-0002 ", "Cqo0"),
        )

    @pytest.mark.parametrize(
        ("parts", "ending"),
        [
            ([{"type": "step-start"}, {"type": "text", "text": "a", "state": "done"}], "completed"),
            ([{"type": "text", "text": "a", "state": "done"}, {"type": "source-url", "url": "x"}], "completed"),
            ([{"type": "step-start"}, {"type": "text", "text": "a", "state": "streaming"}], None),
            ([{"type": "text", "text": "a", "state": "done"}, {"type": "step-start"}], None),
            ([{"type": "text", "text": "a", "state": "done"}, {"type": "tool-x", "state": "input-available"}], None),
            ([{"type": "text", "text": "a"}], None),
            ([], None),
        ],
    )
    def test_the_state_of_the_last_text_tells_a_complete_answer(self, parts: list[object], ending: str | None) -> None:
        body = json.dumps([{"id": "m", "role": "assistant", "parts": parts}]).encode()
        assert [message.ending for message in FULL.transcript(body)] == [ending]

    def test_a_prompt_has_no_ending(self) -> None:
        body = b'[{"id":"u","role":"user","parts":[{"type":"text","text":"hi","state":"done"}]}]'
        assert FULL.transcript(body) == (Message("user", "hi", "u"),)

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"messages":1}', b"[1]", b'[{"role":"user"}]', b'[{"parts":[]}]'])
    def test_damage(self, body: bytes) -> None:
        with pytest.raises(ProtocolError):
            FULL.transcript(body)
