"""What holds for every adapter, configured plainly and fully."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from audit import adapters
from audit.adapters import ADAPTERS
from audit.adapters.base import (
    Adapter,
    Answer,
    Call,
    Dial,
    Frame,
    Hangup,
    Item,
    ItemKind,
    Message,
    Operation,
    Reader,
    Step,
    Traits,
    Unsupported,
    View,
)
from audit.adapters.kind import AdapterKind
from audit.adapters.readers import MAX_PROBLEMS
from audit.errors import ProtocolError
from audit.event import Phase

from .support import adapter

HELPERS = {"__init__", "base", "kind", "answers", "calls", "plain", "readers", "session_items", "template"}
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
ENDINGS = {"completed", "stopped", "failed", "superseded", "unknown"}
KEY, TEXT = "key-7", 'count é漢🙂 "quoted" \u2028 {key}'
FRESH, KNOWING = View("s-1"), View("s-1", run="r_1", cursor="k3j9:17", device="phone")

TARGETS = {
    "session": adapter("session"),
    "session/sse": adapter("session", transport="sse"),
    "chat-sse": adapter("chat-sse"),
    "chat-sse/bare": adapter("chat-sse", done_marker=False),
    "ai-sdk": adapter("ai-sdk"),
    "ai-sdk/plain": adapter("ai-sdk", resume_path=""),
    "ai-sdk/full": adapter("ai-sdk", stop_path="/stop/{id}", history_path="/chat/{id}", send="message"),
    "openai-responses": adapter("openai-responses"),
    "openai-responses/foreground": adapter("openai-responses", background=False, idempotency_header=None),
    "json-socket": adapter("json-socket"),
    "json-socket/full": adapter(
        "json-socket",
        prompt_frame={"type": "prompt", "text": "{text}", "id": "{key}"},
        join_frame={"type": "join", "room": "{session}"},
        resume_frame={"type": "resume", "after": "{cursor}", "run": "{run}"},
        stop_frame={},
        replay="full",
        start_types=["start"],
        user_types=["user"],
        run_field="run",
        cursor_field="offset",
    ),
}
each_kind = pytest.mark.parametrize("kind", ADAPTERS, ids=lambda kind: kind.id)
each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


def steps(target: Adapter, view: View) -> dict[Operation, Step]:
    return {
        "join": target.join(view),
        "resume": target.resume(view),
        "prompt": target.prompt(view, TEXT, KEY),
        "stop": target.stop(view, KEY),
        "steer": target.steer(view, TEXT, KEY),
        "approve": target.approve(view, "a-1", True),
        "read": target.read(view),
    }


class TestRegistry:
    def test_every_file_in_the_folder_is_in_it(self) -> None:
        files = {path.stem for path in Path(adapters.__file__).parent.glob("*.py")}
        registered = {module.removeprefix("audit.adapters.") for module in (kind.build.__module__ for kind in ADAPTERS)}
        assert files - HELPERS == registered
        assert not [name for name in HELPERS if hasattr(importlib.import_module(f"audit.adapters.{name}"), "KIND")]

    @each_kind
    def test_an_id_is_the_files_name_with_dashes(self, kind: AdapterKind) -> None:
        module = kind.build.__module__.removeprefix("audit.adapters.")
        assert kind.id == module.replace("_", "-") == kind.configure({}).id

    @each_kind
    def test_options_explain_themselves_and_refuse_strangers(self, kind: AdapterKind) -> None:
        assert kind.title
        assert kind.options_model.__doc__
        for name, option in kind.options_model.model_fields.items():
            assert option.description and option.description.endswith("."), name
            assert not option.is_required(), name
        with pytest.raises(ValidationError):
            kind.configure({"no-such-option": 1})


@each_target
class TestSteps:
    def test_steps_are_well_formed(self, target: Adapter) -> None:
        for view in (FRESH, KNOWING, View("s/1?é #", run="../r", cursor="c\r\nx")):
            for step in steps(target, view).values():
                assert isinstance(step, Call | Dial | Frame | Hangup | Unsupported)
                if isinstance(step, Call | Dial):
                    assert step.path.startswith("/")
                    assert step.path.isascii()
                    assert not set(step.path) & set(" #\r\n")
                if isinstance(step, Unsupported):
                    assert len(step.reason.split()) > 5

    def test_json_is_plain_utf8(self, target: Adapter) -> None:
        for step in steps(target, KNOWING).values():
            for sent in sent_by(step):
                json.loads(sent)
                assert "\\u" not in sent.decode()
        ((prompt),) = sent_by(target.prompt(KNOWING, TEXT, KEY))
        assert "é漢🙂".encode() in prompt
        assert TEXT in strings(json.loads(prompt))

    def test_bodies_are_declared(self, target: Adapter) -> None:
        for step in steps(target, KNOWING).values():
            if isinstance(step, Call) and step.body is not None:
                assert step.headers["content-type"] == "application/json"
            if isinstance(step, Call) and step.stream:
                assert step.headers["accept"] == "text/event-stream"

    def test_a_reply_is_asked_for_in_what_is_sent(self, target: Adapter) -> None:
        for step in steps(target, KNOWING).values():
            if isinstance(step, Dial | Frame) and step.reply is not None:
                assert any(json.loads(sent)["id"] == step.reply for sent in sent_by(step))

    def test_the_same_question_is_the_same_step(self, target: Adapter) -> None:
        assert steps(target, KNOWING) == steps(target, KNOWING)

    def test_a_prompt_key_reaches_the_wire_if_the_traits_say_so(self, target: Adapter) -> None:
        if target.traits.prompt_key:
            step = target.prompt(KNOWING, "x", KEY)
            headers = step.headers.values() if isinstance(step, Call) else ()
            assert any(KEY in sent.decode() for sent in sent_by(step)) or KEY in headers


@each_target
class TestTraits:
    def test_values_are_of_their_kinds(self, target: Adapter) -> None:
        traits = target.traits
        assert json.loads(json.dumps(asdict(traits)))
        for name, annotation in get_type_hints(Traits).items():
            allowed = get_args(annotation) if get_origin(annotation) is Literal else ()
            assert not allowed or getattr(traits, name) in allowed, name
        assert traits.endings
        assert set(traits.endings) <= ENDINGS - {"unknown"}

    def test_they_agree_with_the_steps(self, target: Adapter) -> None:
        traits, able = target.traits, steps(target, KNOWING)
        assert traits.resumes == (not isinstance(able["resume"], Unsupported))
        assert traits.history == (not isinstance(able["read"], Unsupported))
        assert (traits.stop == "hangup") == isinstance(able["stop"], Hangup)
        assert (traits.stop == "command") == isinstance(able["stop"], Call | Frame)
        prompt = able["prompt"]
        assert traits.subscribes != (isinstance(prompt, Call) and prompt.stream)
        if not traits.subscribes:
            assert traits.observable == (not isinstance(able["join"], Unsupported))

    def test_they_agree_with_themselves(self, target: Adapter) -> None:
        traits = target.traits
        assert (traits.replay == "none") or traits.resumes
        assert (traits.dedupe == "cursor") <= (traits.cursor != "none")
        assert (traits.dedupe == "reset") <= (traits.replay == "full")
        assert (traits.replay == "full") <= (traits.comparison == "content")


@each_target
@pytest.mark.parametrize("operation", OPERATIONS)
class TestAnswers:
    def test_what_was_asked_for_is_ok(self, target: Adapter, operation: Operation) -> None:
        step = steps(target, KNOWING)[operation]
        if isinstance(step, Call):
            type = "text/event-stream" if step.stream else "application/json"
            answer = target.answer(operation, 200, {"content-type": type}, b"" if step.stream else b'{"ok":true}')
            assert (answer.phase, answer.streaming, answer.value["status"]) == (Phase.OK, step.stream, 200)
        if isinstance(step, Dial):
            assert target.answer(operation, 101, {}, b"").streaming

    def test_errors_are_definite(self, target: Adapter, operation: Operation) -> None:
        for status in (301, 400, 401, 403, 404, 429, 500, 503):
            answer = target.answer(operation, status, {"content-type": "text/html"}, b"<h1>no</h1>")
            assert (answer.phase, answer.streaming, answer.value["status"]) == (Phase.FAIL, False, status)
            assert answer.value["error"]

    def test_readers_are_fresh(self, target: Adapter, operation: Operation) -> None:
        first = target.reader(operation)
        before = hear(first)
        assert target.reader(operation) is not first
        assert hear(target.reader(operation)) == before


NAMES = (
    *(
        "type",
        "id",
        "text",
        "delta",
        "data",
        "error",
        "message",
        "messages",
        "code",
        "choices",
        "finish_reason",
        "index",
    ),
    *("content", "messageId", "errorText", "reason", "finishReason", "parts", "role", "response", "sequence_number"),
    *("item_id", "output", "status", "epoch", "offset", "kind", "run", "cursor", "ok", "recovered", "gap", "key"),
)
WORDS = (
    *("start", "text-delta", "start-step", "reset-step", "finish", "abort", "error", "text", "user", "run-start"),
    *(
        "run-end",
        "event",
        "reply",
        "subscribed",
        "caught-up",
        "ping",
        "token",
        "done",
        "stopped",
        "assistant",
        "message",
    ),
    *("response.created", "response.output_text.delta", "response.completed", "response.incomplete", "keepalive"),
    *("completed", "cancelled", "output_text", "stop", "a\ud83d", "\ude42b", "é"),
)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.fixed_dictionaries(
    {"type": st.sampled_from(WORDS)},
    optional={name: VALUES for name in NAMES if name != "type"},
)
WORD_OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES)
LIKELY = st.one_of(  # right enough that readers get past their first look
    st.fixed_dictionaries(
        {
            "type": st.just("event"),
            "epoch": st.just("e"),
            "offset": st.integers(),
            "kind": st.sampled_from(WORDS),
            "data": WORD_OBJECTS,
        },
        optional={"run": VALUES},
    ),
    st.fixed_dictionaries(
        {"type": st.just("reply"), "id": st.just("sub-1")},
        optional=dict.fromkeys(("ok", "run", "code", "message", "recovered", "gap", "ended", "epoch"), VALUES),
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(WORDS), "response": WORD_OBJECTS},
        optional={"sequence_number": VALUES, "delta": VALUES, "item_id": VALUES},
    ),
    st.fixed_dictionaries(
        {"choices": st.lists(st.fixed_dictionaries({"delta": st.fixed_dictionaries({"content": VALUES})}), max_size=2)},
        optional={"id": VALUES, "error": VALUES},
    ),
)
REPLAYS = st.fixed_dictionaries(
    {"type": st.sampled_from(["start", "text-delta", "start-step", "reset-step", "finish", "abort", "error", "token"])},
    optional=dict.fromkeys(
        ("messageId", "delta", "text", "reason", "errorText", "finishReason", "run", "offset"), VALUES
    ),
)
PARTS = st.lists(st.fixed_dictionaries({"type": st.sampled_from(["text", "output_text"]), "text": VALUES}), max_size=2)
TRANSCRIPTS = st.fixed_dictionaries(
    {
        "messages": st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["user", "assistant", "system"]), "text": VALUES, "parts": PARTS},
                optional={"id": VALUES, "run": VALUES, "ending": VALUES},
            ),
            max_size=2,
        ),
        "output": st.lists(
            st.fixed_dictionaries({"type": st.just("message"), "content": PARTS, "id": VALUES}), max_size=2
        ),
    },
    optional={"id": VALUES, "status": VALUES},
)
MESSAGES = (OBJECTS | LIKELY | REPLAYS | VALUES).map(json.dumps) | st.text(max_size=20)
STREAMS = st.binary(max_size=60) | st.lists(MESSAGES | st.just("[DONE]"), max_size=8).map(
    lambda texts: "".join(f"data: {text}\n\n" for text in texts).encode("utf-8", "replace")
)
targets = st.sampled_from(list(TARGETS.values()))
operations = st.sampled_from(OPERATIONS)


@given(targets, operations, STREAMS, st.lists(st.integers(0, 400), max_size=6))
def test_readers_take_any_bytes(target: Adapter, operation: Operation, stream: bytes, cuts: list[int]) -> None:
    reader, other = target.reader(operation), target.reader(operation)
    edges = [0, *sorted(cuts), len(stream)]
    items = [item for a, b in pairwise(edges) for item in reader.feed(stream[a:b])] + reader.finish()
    assert_recordable(items)
    if not isinstance(target.join(KNOWING), Dial):  # a socket has no bytes, so each feeding is a problem of its own
        assert items == [*other.feed(stream), *other.finish()]


@given(targets, operations, st.lists(MESSAGES | st.binary(max_size=20), max_size=8))
def test_readers_take_any_frames(target: Adapter, operation: Operation, messages: list[str | bytes]) -> None:
    reader = target.reader(operation)
    assert_recordable([item for message in messages for item in reader.frame(message)] + reader.finish())


@given(targets, operations, st.integers(100, 599), st.binary(max_size=30) | MESSAGES.map(str.encode))
def test_answers_take_any_body(target: Adapter, operation: Operation, status: int, body: bytes) -> None:
    answer = target.answer(operation, status, {}, body)
    assert isinstance(answer, Answer)
    assert answer.phase in (Phase.OK, Phase.FAIL, Phase.INFO)
    assert (answer.phase is Phase.OK) or (answer.value["error"] and not answer.streaming)
    json.dumps(answer.value, ensure_ascii=False, allow_nan=False).encode()


@given(targets, st.binary(max_size=30) | MESSAGES.map(str.encode) | TRANSCRIPTS.map(json.dumps).map(str.encode))
def test_transcripts_are_messages_or_a_protocol_error(target: Adapter, body: bytes) -> None:
    with suppress(ProtocolError):
        for message in target.transcript(body):
            assert isinstance(message, Message)
            assert message.role in ("user", "assistant")
            assert isinstance(message.text, str)
            assert all(named(name) for name in (message.id, message.run, message.ending))
            json.dumps(asdict(message), ensure_ascii=False).encode()


@each_target
@pytest.mark.parametrize("name", [7, True, [1], {"x": 1}, "", "\ud83d"])
def test_what_is_no_name_names_nothing(target: Adapter, name: object) -> None:
    said: tuple[object, ...] = (
        {"type": "start", "messageId": name},
        {"type": "text-delta", "delta": "x"},
        {"type": "finish"},
        {"id": name, "choices": [{"delta": {"content": "x"}}]},
        {"type": "response.created", "response": {"id": name}},
        {"type": "response.output_text.delta", "delta": "x", "item_id": name},
        {"type": "event", "epoch": "e", "offset": 1, "kind": "run-start", "run": name},
        {"type": "event", "epoch": "e", "offset": 2, "kind": "user", "data": {"text": "x", "id": name, "key": name}},
        {"type": "reply", "id": "sub-1", "ok": True, "run": name, "code": name, "duplicate": name},
        {"type": "caught-up", "cursor": name},
        {"type": "token", "text": "x", "run": name, "offset": name},
    )
    texts, reader = [json.dumps(each) for each in said], target.reader("resume")
    stream = "".join(f"data: {text}\n\n" for text in texts).encode()
    assert_recordable([*reader.feed(stream), *(item for text in texts for item in reader.frame(text))])


@each_target
def test_a_hostile_flood_stays_small(target: Adapter) -> None:
    reader = target.reader("join")
    flood = b'data: {"type":"event","text":' + b"[" * 10_000 + b"\n\n"
    items = [item for _ in range(200) for item in [*reader.feed(flood), *reader.frame(flood.decode())]]
    assert len(items) <= MAX_PROBLEMS
    assert_recordable(items)


def assert_recordable(items: list[Item]) -> None:
    """Everything an item holds can be written to a history, and damage is short."""
    problems = [item for item in items if item.kind is ItemKind.PROBLEM]
    assert len(problems) <= MAX_PROBLEMS
    assert all(0 < len(item.data["error"]) < 700 for item in problems)
    for item in items:
        row = asdict(item)
        assert json.loads(json.dumps(row, ensure_ascii=False, allow_nan=False).encode()) == row
        assert isinstance(item.text, str)
        assert all(named(name) for name in (item.run, item.cursor, item.message))
        assert all(isinstance(value, str | bool) for value in item.data.values())
        assert item.kind is not ItemKind.END or item.data["reason"] in ENDINGS
        assert item.kind is not ItemKind.REPLY or isinstance(item.data["ok"], bool)
        assert item.kind is not ItemKind.REPLY or named(item.data.get("run"))
        assert item.kind is not ItemKind.GAP or item.data["reason"]


def named(name: object) -> bool:
    """Nothing, or a name: what is not text, or is empty, names nothing."""
    return name is None or (isinstance(name, str) and name != "")


def sent_by(step: Step) -> Iterator[bytes]:
    """Every JSON text that a step sends."""
    if isinstance(step, Call) and step.body is not None:
        yield step.body
    elif isinstance(step, Dial):
        yield from (frame.encode() for frame in step.frames)
    elif isinstance(step, Frame):
        yield step.text.encode()


def strings(value: object) -> list[str]:
    """Every string in a decoded JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for entry in inner for found in strings(entry)]


def hear(reader: Reader) -> list[Item]:
    """One fixed piece of conversation, which leaves state behind in every kind of reader."""
    said = (
        '{"type":"start","messageId":"m"}',
        '{"type":"token","text":"a\\ud83d","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}',
        '{"type":"response.created","response":{"id":"resp_1"}}',
        '{"type":"text-delta","delta":"x"}',
        "damaged",
    )
    stream = "".join(f"id: e:1\ndata: {text}\n\n" for text in said).encode()
    return [*reader.feed(stream + b"data: half"), *(item for text in said for item in reader.frame(text))]
