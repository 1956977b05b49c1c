"""Refusals every antipattern makes alike, over real sockets, and the readers of prompts."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from reference_impl.antipatterns import buffered_path, cancel_on_disconnect, naive_sse, resumable_no_stop
from reference_impl.antipatterns.common import (
    MAX_BODY_BYTES,
    BadRequest,
    dump,
    forget_oldest,
    last_prompt,
    printable,
    sse,
    text_of,
)

from .support import client_of

_POSTS: tuple[tuple[Any, str], ...] = (
    (naive_sse.build_app, "/v1/chat/completions"),
    (cancel_on_disconnect.build_app, "/api/chat"),
    (buffered_path.build_app, "/api/chat"),
    (resumable_no_stop.build_app, "/v1/responses"),
)
_BODIES: tuple[tuple[bytes, int], ...] = (
    (b"{", 400),
    (b"", 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b"null", 400),
    (b"{}", 400),
    (b'{"id":"c","stream":true,"messages":[],"input":[]}', 400),
    (b'{"id":"c","stream":true,"messages":5,"input":5}', 400),
    (b'{"id":"c","stream":true,"messages":[{"role":"user"}],"input":[{"role":"user"}]}', 400),
    (b'{"id":"c","stream":true,"messages":[{"role":"user","content":"[items=x]"}],"input":"[items=x]"}', 400),
    (b'{"id":"c","stream":true,"messages":[{"role":"user","content":"\\ud800"}],"input":"\\ud800"}', 400),
    (b'{"messages":[{"role":"user","content":[{"type":["text"]}]}],"id":[],"stream":1,"input":{}}', 400),
    (b'"' + b"x" * MAX_BODY_BYTES + b'"', 413),
)


@pytest.mark.parametrize(("build_app", "path"), _POSTS, ids=[build_app.__module__ for build_app, _ in _POSTS])
async def test_bad_bodies_get_a_clean_refusal(build_app: Any, path: str) -> None:
    async with client_of(build_app) as client:
        for body, status in _BODIES:
            async with client.post(path, data=io.BytesIO(body), headers={"Content-Type": "application/json"}) as answer:
                assert (answer.status, body[:80]) == (status, body[:80])
                assert answer.content_type == "application/json"
                assert (await answer.json())["error"]["message"]


@pytest.mark.parametrize(("build_app", "path"), _POSTS, ids=[build_app.__module__ for build_app, _ in _POSTS])
async def test_wrong_paths_and_methods_are_refused_in_json(build_app: Any, path: str) -> None:
    async with client_of(build_app) as client:
        async with client.get("/nowhere") as answer:
            assert (answer.status, answer.content_type) == (404, "application/json")
        async with client.put(path) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")
            assert (await answer.json())["error"]["message"] == "Method Not Allowed"


async def test_a_body_that_lies_about_its_encoding_is_the_senders_fault() -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    path = "/v1/chat/completions"
    async with (
        client_of(naive_sse.build_app) as client,
        client.post(path, data=b"not gzip", headers=headers) as answer,
    ):
        assert answer.status == 400


def test_the_last_message_of_the_user_counts() -> None:
    first, last = {"role": "user", "content": "one"}, {"role": "user", "parts": [{"type": "text", "text": "two"}]}
    assert last_prompt([first, {"role": "assistant", "content": "x"}, last, {"role": "assistant"}]) == (last, "two")


@pytest.mark.parametrize("messages", [None, {}, [], ["user"], [{"role": "assistant", "content": "x"}]])
def test_no_message_of_a_user_is_refused(messages: object) -> None:
    with pytest.raises(BadRequest, match="role 'user'"):
        last_prompt(messages)


def test_text_parts_are_joined_and_others_skipped() -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "image", "text": "no"}, "no", {"type": "text", "text": "b"}]
    assert text_of({"content": parts}) == "ab"


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_is_not() -> None:
    assert printable("é漢🙂") == "é漢🙂"
    with pytest.raises(BadRequest):
        printable("a\ud83d")


def test_an_event_is_one_line_of_unescaped_json() -> None:
    assert sse({"delta": "é漢🙂\n"}, event="x") == 'event: x\ndata: {"delta":"é漢🙂\\n"}\n\n'.encode()
    assert json.loads(dump({"a": "\u2028"})) == {"a": "\u2028"}


def test_the_oldest_that_ended_are_forgotten_and_running_ones_never() -> None:
    kept = {"a": False, "b": True, "c": True, "d": True}
    assert forget_oldest(kept, lambda ended: ended, 2) == [True, True]
    assert list(kept) == ["a", "d"]
    assert forget_oldest(kept, lambda ended: ended, 0) == [True]
    assert forget_oldest(kept, lambda ended: ended, 5) == []
    assert list(kept) == ["a"]
