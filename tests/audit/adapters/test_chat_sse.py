from __future__ import annotations

import pytest

from audit.adapters.base import Hangup, Item, ItemKind, Unsupported
from audit.event import Phase, Value

from .support import VIEW, adapter, body, call, ends, kinds, problems, read, sse, text

CHAT = adapter("chat-sse")
NO_MARKER = adapter("chat-sse", done_marker=False)


def chunk(finish: str | None = None, **delta: object) -> Value:
    return {
        "id": "cmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


ROLE = chunk(role="assistant", content="")
ANSWER = (ROLE, chunk(content="tok-0001 "), chunk(content="é漢🙂"))


class TestRequests:
    def test_a_prompt_is_a_post_whose_response_streams(self) -> None:
        step = call(CHAT.prompt(VIEW, "say é", "p-1"))
        assert (step.method, step.path, step.stream) == ("POST", "/v1/chat/completions", True)
        assert step.body == '{"model":"default","stream":true,"messages":[{"role":"user","content":"say é"}]}'.encode()
        assert step.headers == {"content-type": "application/json", "accept": "text/event-stream"}

    def test_options_reach_the_request(self) -> None:
        step = adapter("chat-sse", path="/chat", model="m", extra={"temperature": 0, "stream": False}).prompt(
            VIEW, "x", "k"
        )
        assert call(step).path == "/chat"
        assert body(step) == {
            "model": "m",
            "stream": True,
            "temperature": 0,
            "messages": [{"role": "user", "content": "x"}],
        }

    def test_there_is_no_other_way_to_the_answer(self) -> None:
        for step in (CHAT.join(VIEW), CHAT.resume(VIEW), CHAT.read(VIEW)):
            assert isinstance(step, Unsupported)
            assert len(step.reason) > 20
        assert CHAT.stop(VIEW, "p-1") == Hangup()


class TestAnswers:
    def test_a_stream(self) -> None:
        assert CHAT.answer("prompt", 200, {"content-type": "text/event-stream"}, b"").streaming
        assert CHAT.answer("prompt", 200, {}, b"").streaming

    @pytest.mark.parametrize("type", ["application/json", "text/html; charset=utf-8"])
    def test_something_else(self, type: str) -> None:
        answer = CHAT.answer("prompt", 200, {"content-type": type}, b"")
        assert (answer.phase, answer.streaming) == (Phase.FAIL, False)
        assert type.partition(";")[0] in answer.value["error"]

    def test_204_is_no_answer_to_a_prompt(self) -> None:
        assert CHAT.answer("prompt", 204, {}, b"").phase is Phase.FAIL


class TestReading:
    def test_a_completion(self) -> None:
        assert read(CHAT, sse(*ANSWER, chunk("stop"), "[DONE]")) == [
            Item(ItemKind.START, message="cmpl-1"),
            Item(ItemKind.TEXT, "tok-0001 ", message="cmpl-1"),
            Item(ItemKind.TEXT, "é漢🙂", message="cmpl-1"),
            Item(ItemKind.END, data={"reason": "completed"}),
        ]

    def test_the_last_words_may_come_with_the_finish_reason(self) -> None:
        items = read(NO_MARKER, sse(chunk("length", content="end")))
        assert kinds(items) == ["start", "text", "end"]
        assert ends(items) == ["completed"]

    def test_cut_before_the_marker_there_is_no_ending(self) -> None:
        assert ends(read(CHAT, sse(*ANSWER))) == []
        assert ends(read(CHAT, sse(*ANSWER, chunk("stop")))) == []

    def test_the_marker_alone_does_not_say_how_it_ended(self) -> None:
        assert ends(read(CHAT, sse(*ANSWER, "[DONE]"))) == ["unknown"]

    def test_without_a_marker_the_finish_reason_is_the_ending_and_a_marker_no_second_one(self) -> None:
        assert ends(read(NO_MARKER, sse(*ANSWER, chunk("stop")))) == ["completed"]
        assert ends(read(NO_MARKER, sse(*ANSWER, chunk("stop"), "[DONE]"))) == ["completed"]

    def test_an_error_object_is_a_failure(self) -> None:
        items = read(CHAT, sse(*ANSWER, {"error": {"message": "overloaded", "code": 503}}, "[DONE]"))
        assert items[-1] == Item(ItemKind.END, data={"reason": "failed", "error": "overloaded"})
        for error, said in (("broke", "broke"), ({"code": "broke"}, "broke"), ({"type": "server_error"}, "an object")):
            (end,) = read(CHAT, sse({"error": error}))
            assert end.data == {"reason": "failed", "error": said}
        assert ends(read(CHAT, sse(*ANSWER, chunk("error"), "[DONE]"))) == ["failed"]

    def test_chunks_without_text_show_nothing(self) -> None:
        usage = {"id": "cmpl-1", "choices": [], "usage": {"total_tokens": 3}}
        tools, null = chunk(tool_calls=[{"index": 0}]), chunk(content=None)
        other = {"id": "cmpl-1", "choices": [{"index": 1, "delta": {"content": "of another choice"}}]}
        items = read(CHAT, sse(usage, *ANSWER, tools, null, other, chunk("stop"), usage, "[DONE]"))
        assert text(items) == "tok-0001 é漢🙂"
        assert problems(items) == []

    def test_heartbeats_are_seen(self) -> None:
        assert kinds(read(CHAT, b": OPENROUTER PROCESSING\n\n" + sse(ROLE))) == ["ping", "start"]

    def test_a_character_cut_into_two_escapes_is_whole_again(self) -> None:
        first = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
        second = b'data: {"choices":[{"delta":{"content":"\\ude42b"}}]}\n\n'
        assert text(read(CHAT, first + second)) == "a🙂b"
        broken = read(CHAT, first + sse(chunk("stop"), "[DONE]"))
        assert text(broken) == "a\ufffd"
        assert kinds(broken)[-2:] == ["text", "end"]


@pytest.mark.parametrize(
    "event",
    [
        "[done]",
        "hello",
        "null",
        "[]",
        "{}",
        '{"choices":null}',
        '{"choices":{}}',
        '{"choices":[{"delta":{"content":5}}]}',
        '{"choices":[{"delta":{"content":["x"]}}]}',
        '{"choices":' + "[" * 50_000,
        '{"choices":"' + "x" * 100_000,
    ],
)
def test_damage_is_one_short_problem(event: str) -> None:
    items = read(CHAT, sse(event))
    (said,) = problems(items)
    assert len(said) < 500
    assert kinds(items)[-1] == "problem"


def test_a_flood_of_damage_is_cut_off() -> None:
    items = read(CHAT, sse(*["x"] * 1_000, chunk(content="still read")))
    assert len(problems(items)) == 50
    assert "no further" in problems(items)[-1]
    assert text(items) == "still read"
