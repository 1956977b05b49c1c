from __future__ import annotations

import pytest

from audit.adapters import answers
from audit.adapters.base import Answer
from audit.event import Phase


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":{"message":"no credit","code":"quota"}}', "HTTP 429: no credit"),
        (b'{"error":{"code":"quota"}}', "HTTP 429: quota"),
        (b'{"error":"slow down"}', "HTTP 429: slow down"),
        (b'{"detail":"slow down"}', "HTTP 429: slow down"),
        (b'{"errorText":"slow down"}', "HTTP 429: slow down"),
        (b'"slow down"', "HTTP 429: slow down"),
        (b"slow down\n", "HTTP 429: slow down"),
        (b"", "HTTP 429"),
        (b" <html><h1>Too many</h1>", "HTTP 429"),
        (b"[]", "HTTP 429"),
        (b"5", "HTTP 429"),
        (b'{"error":{"message":{"x":1}}}', "HTTP 429"),
        (b'{"error":' * 200 + b'"deep"' + b"}" * 200, "HTTP 429"),
    ],
)
def test_a_refusal_says_why(body: bytes, said: str) -> None:
    assert answers.error_text(429, body) == said


@pytest.mark.parametrize("body", [b"[" * 100_000, b"x" * 100_000, b'"' + b"x" * 100_000 + b'"'])
def test_in_short(body: bytes) -> None:
    assert len(answers.error_text(429, body)) == 200


@pytest.mark.parametrize("status", [200, 201, 202, 206])
def test_success_is_no_refusal(status: int) -> None:
    assert answers.refusal("prompt", status, b"") is None
    assert answers.plain("stop", status, b"") == Answer(Phase.OK, {"status": status})


@pytest.mark.parametrize("status", [100, 301, 304, 400, 401, 404, 409, 429, 500, 503, 599])
def test_everything_else_is(status: int) -> None:
    answer = answers.plain("stop", status, b"")
    assert answer.phase is Phase.FAIL
    assert answer.value == {"status": status, "error": f"HTTP {status}"}


@pytest.mark.parametrize("status", [408, 502, 504])
def test_only_a_command_leaves_a_doubt_behind_a_gateway(status: int) -> None:
    phases = {
        operation: answers.plain(operation, status, b"").phase for operation in ("prompt", "stop", "read", "join")
    }
    assert phases == {"prompt": Phase.INFO, "stop": Phase.INFO, "read": Phase.FAIL, "join": Phase.FAIL}


@pytest.mark.parametrize("type", ["text/event-stream", "Text/Event-Stream; charset=utf-8", "text/plain", ""])
def test_a_stream_may_call_itself_many_things(type: str) -> None:
    answer = answers.stream("join", 200, {"content-type": type}, b"")
    assert answer == Answer(Phase.OK, {"status": 200}, streaming=True)


@pytest.mark.parametrize("type", ["text/html", "Text/HTML;charset=utf-8", "application/json"])
def test_but_not_a_page_nor_an_object(type: str) -> None:
    answer = answers.stream("join", 200, {"content-type": type}, b"")
    said = f"answered with {type.lower().partition(';')[0]} instead of an event stream"
    assert answer == Answer(Phase.FAIL, {"status": 200, "error": said})


def test_204_is_nothing_to_read_but_no_answer_to_a_prompt() -> None:
    assert answers.stream("resume", 204, {}, b"").value == {"status": 204, "nothing": True}
    assert answers.stream("prompt", 204, {}, b"") == Answer(
        Phase.FAIL, {"status": 204, "error": "answered 204: accepted without a stream to read"}
    )


def test_a_socket_opens_with_101_only() -> None:
    assert answers.upgrade("join", 101, b"") == Answer(Phase.OK, {"status": 101}, streaming=True)
    assert answers.upgrade("join", 200, b"hi").value["error"] == "HTTP 200 instead of a WebSocket"
    assert answers.upgrade("join", 426, b"no").value["error"] == "HTTP 426: no"
