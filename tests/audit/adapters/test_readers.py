from __future__ import annotations

import pytest

from audit.adapters.base import Item, ItemKind
from audit.adapters.readers import MAX_PROBLEMS, FrameReader, SseReader, problem
from audit.errors import Oversized, ProtocolError
from audit.event import Value
from audit.wire.jsonish import decode_object
from audit.wire.sse import MAX_EVENT_BYTES, SseEvent

from .support import kinds, problems


def say(body: Value) -> list[Item]:
    """A protocol of two words: texts, and the ends of runs."""
    if "end" in body:
        return [Item(ItemKind.END, run=body["end"])]
    if not isinstance(body.get("text"), str):
        raise ProtocolError("no text")
    return [Item(ItemKind.TEXT, body["text"], run=body.get("run"))]


def say_event(event: SseEvent) -> list[Item]:
    return say(decode_object(event.data))


def test_events_become_items_and_comments_heartbeats() -> None:
    reader = SseReader(say_event)
    assert reader.feed(b': hi\n\ndata: {"text":"a"}\n\nda') == [Item(ItemKind.PING), Item(ItemKind.TEXT, "a")]
    assert reader.feed(b'ta: {"text":"b"}\n') == []
    assert reader.finish() == []


def test_damage_is_told_and_reading_goes_on() -> None:
    items = SseReader(say_event).feed(b'data: {"text":1}\n\ndata: x\n\ndata: {"text":"b"}\n\n')
    assert kinds(items) == ["problem", "problem", "text"]
    assert problems(items)[0] == 'no text: {"text":1}'


def test_the_wrong_kind_of_input_is_damage_too() -> None:
    assert kinds(SseReader(say_event).frame("x")) == kinds(FrameReader(say).feed(b"x")) == ["problem"]


def test_an_excerpt_of_damage_is_short() -> None:
    assert len(problem("wrong", "x" * 10_000).data["error"]) == len("wrong: ") + 200


def test_problems_are_cut_off_wherever_they_come_from() -> None:
    reader = FrameReader(lambda body: [problem("odd", "x"), *say(body)])
    items = [item for _ in range(2 * MAX_PROBLEMS) for item in reader.frame('{"text":"a"}')]
    assert len(problems(items)) == MAX_PROBLEMS
    assert kinds(items).count("text") == 2 * MAX_PROBLEMS
    assert reader.feed(b"x") == []


def test_an_event_too_large_is_refused() -> None:
    reader = SseReader(say_event)
    assert reader.feed(b'data: {"text":"a"}\n\n' + b"x" * (MAX_EVENT_BYTES + 1)) == [Item(ItemKind.TEXT, "a")]
    with pytest.raises(Oversized):
        reader.finish()


@pytest.mark.parametrize("message", ["x" * (MAX_EVENT_BYTES + 1), b"x" * (MAX_EVENT_BYTES + 1)])
def test_a_message_too_large_is_refused(message: str | bytes) -> None:
    with pytest.raises(Oversized):
        FrameReader(say).frame(message)


class TestHalves:
    """Characters outside the first plane, cut between the two escapes of their UTF-16 halves."""

    def test_are_joined_over_events(self) -> None:
        reader = FrameReader(say)
        assert reader.frame('{"text":"a\\ud83d"}') == [Item(ItemKind.TEXT, "a")]
        assert reader.frame('{"text":"\\ude42b"}') == [Item(ItemKind.TEXT, "🙂b")]

    def test_wait_even_when_the_next_event_has_no_escape(self) -> None:
        reader = FrameReader(say)
        reader.frame('{"text":"a\\ud83d"}')
        assert reader.frame('{"text":"b"}') == [Item(ItemKind.TEXT, "\ufffdb")]

    def test_wait_for_their_own_run(self) -> None:
        reader = FrameReader(say)
        reader.frame('{"run":"r1","text":"\\ud83d"}')
        assert reader.frame('{"run":"r2","text":"x"}') == [Item(ItemKind.TEXT, "x", "r2")]
        assert reader.frame('{"run":"r1","text":"\\ude42"}') == [Item(ItemKind.TEXT, "🙂", "r1")]

    def test_are_given_up_when_the_run_ends(self) -> None:
        reader = FrameReader(say)
        reader.frame('{"run":"r1","text":"\\ud83d"}')
        assert reader.frame('{"end":"r1"}') == [Item(ItemKind.TEXT, "\ufffd", "r1"), Item(ItemKind.END, run="r1")]
        assert reader.frame('{"end":"r1"}') == [Item(ItemKind.END, run="r1")]
