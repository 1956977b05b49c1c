"""The short way and the long way of a word lead to the same ledgers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.account import Account
from audit.load.numbering import Numbering
from audit.load.room import Said

from .cutting import pieces
from .seers import Seer, Stand, adapter_of

WORDS = 8
Message = dict[str, Any]


def event(offset: int, kind: str, data: Message, run: str = "r_0", epoch: str = "e") -> Message:
    return {"type": "event", "epoch": epoch, "offset": offset, "kind": kind, "run": run, "data": data}


def word(offset: int, number: int, **more: str) -> Message:
    return event(offset, "text", {"text": f"tok-{number:04d} "}, **more)


def story(*words: int, first: int = 1) -> list[Message]:
    """What a device that opens the session is told of one run."""
    told: list[Message] = [
        {"type": "reply", "id": "sub-1", "ok": True, "recovered": True, "epoch": "e", "head": 0},
        {"type": "caught-up", "cursor": "e:0"},
        event(first, "user", {"id": "u", "key": "key-0", "text": "…"}),
        event(first + 1, "run-start", {}),
        *(word(first + 2 + place, number) for place, number in enumerate(words)),
    ]
    return [*told, event(first + 2 + len(words), "run-end", {"reason": "completed"})]


def frames(told: list[Message]) -> list[bytes]:
    return [json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() for message in told]


def stream(told: list[Message]) -> bytes:
    """The same as an event stream; a reply is told as `subscribed` there."""
    found = "retry: 1000\n\n"
    for message in told:
        name = message.get("kind") or message["type"].replace("reply", "subscribed")
        data = json.dumps({**message, "type": message["type"].replace("reply", "subscribed")}, separators=(",", ":"))
        id = f"id: {message['epoch']}:{message['offset']}\n" if name == message.get("kind") else ""
        found += f"{id}event: {name}\ndata: {data}\n\n: ping\n\n"
    return found.encode()


def stand(transport: str = "websocket") -> Stand:
    found = Stand(adapter_of("session", transport=transport), words=WORDS)
    found.sight.begin("join", None, 0.0)
    found.ask(0, "r_0")
    return found


def over_websocket(told: list[Message], *, fast: bool = True) -> Stand:
    found = stand()
    if not fast:
        found.terms.fast = None
        found.sight.begin("join", None, 0.0)
    for place, payload in enumerate(frames(told)):
        found.sight.message(payload, place / 10)
    found.sight.close(judge=True)
    return found


def over_sse(told: list[Message], cuts: list[int] = [], *, fast: bool = True, crlf: bool = False) -> Stand:  # noqa: B006
    found = stand("sse")
    if not fast:
        found.terms.fast = None
        found.sight.begin("join", None, 0.0)
    body = stream(told).replace(b"\n", b"\r\n") if crlf else stream(told)
    for place, piece in enumerate(pieces(body, cuts)):
        found.sight.feed(piece, place / 10)
    found.sight.close(judge=True)
    return found


orders = st.lists(st.integers(0, WORDS + 1), max_size=14)
near = st.permutations(range(1, WORDS + 1)) | st.just(list(range(1, WORDS + 1)))


@given(orders | near, st.lists(st.integers(0, 3_000), max_size=8))
def test_every_way_leads_to_the_same_counts(words: list[int], cuts: list[int]) -> None:
    told = story(*words)
    slow = over_websocket(told, fast=False)
    ways = [
        over_websocket(told),
        over_sse(told, cuts),
        over_sse(told, cuts, fast=False),
        over_sse(told, cuts, crlf=True),
    ]
    for found in ways:
        assert asdict(found.counts) == asdict(slow.counts)
        assert found.sight.cursor == slow.sight.cursor
        assert found.terms.tally.others == slow.terms.tally.others


@pytest.mark.parametrize("over", [over_websocket, over_sse])
def test_a_right_answer_takes_the_short_way(over: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch) -> None:
    longer: list[str] = []
    long_way = Account.text

    def text(self: Account, said: Said | None, text: str, replayed: bool, at: float) -> None:
        longer.append(text)
        long_way(self, said, text, replayed, at)

    monkeypatch.setattr(Account, "text", text)
    found = over(story(*range(1, WORDS + 1)))
    assert longer == ["tok-0001 "]
    assert found.counts.words == WORDS


def test_it_is_told_what_the_reply_and_the_end_say() -> None:
    found = over_websocket(story(*range(1, WORDS + 1)))
    assert found.seer.heard == ["granted sub-1", "caught-up", "began 0", "end 0"]
    assert found.faults == {}


def test_delays_count_from_the_earliest_schedule_that_fits() -> None:
    found = stand()
    told = frames(story(*range(1, WORDS + 1)))
    instants = [0.0, 0.0, 0.0, 0.0, 1.0, 1.1, 1.25, 1.3, 1.45, 1.48, 1.6, 1.7, 1.7]
    for payload, at in zip(told, instants, strict=True):
        found.sight.message(payload, at)
    # word 6 comes 0.02 s before it is due by the first word: the schedule moves back by that
    assert found.delays("item_delay") == [0.0, 0.0, 0.05, 0.0, 0.05, 0.0, 0.02, 0.02]
    assert found.delays("join_delay") == []


def test_words_of_the_past_are_not_live() -> None:
    found = stand()
    reply, caught_up, *told = story(*range(1, WORDS + 1))
    for payload in frames([reply, *told, {**caught_up, "cursor": "e:11"}]):
        found.sight.message(payload, 5.0)
    assert found.counts.words == WORDS
    assert found.delays("item_delay") == []


def test_a_resume_goes_on_from_the_last_event() -> None:
    found = stand()
    told = story(*range(1, WORDS + 1))
    for payload in frames(told[:7]):
        found.sight.message(payload, 1.0)
    assert found.sight.cursor == "e:5"
    found.sight.interrupt()
    found.sight.begin("resume", None, 2.0)
    assert found.sight.cursor == "e:5"
    for payload in frames([told[0], *told[7:], {"type": "caught-up", "cursor": "e:11"}]):
        found.sight.message(payload, 2.0)
    assert found.faults == {}
    assert found.sight.cursor == "e:11"


@pytest.mark.parametrize(("repeat", "fault"), [(word(5, 3), "replayed"), (word(7, 3), "repeated")])
def test_a_repeat_is_a_fault_unless_its_cursor_tells(repeat: Message, fault: str) -> None:
    found = stand()
    for payload in frames([*story(1, 2, 3, 4)[:-1], repeat]):
        found.sight.message(payload, 1.0)
    assert found.faults == {fault: 1}


def test_an_event_of_another_session_is_foreign() -> None:
    found = over_websocket([*story(*range(1, WORDS + 1)), word(20, 1, run="r_x")])
    assert found.faults == {"foreign": 1}


def test_a_word_after_the_end_is_a_repeat() -> None:
    found = over_websocket([*story(*range(1, WORDS + 1)), word(20, 8)])
    assert found.faults == {"repeated": 1}


def test_halves_of_a_character_are_joined_by_the_reader() -> None:
    found = Stand(words=2)
    found.terms.numbering = Numbering(2, "🙂{:d}")
    sight = found.seat(Seer(1))
    sight.begin("join", None, 0.0)
    found.ask(0, "r_0")
    halves = [b'"\\ud83d"', b'"\\ude421 "', '"🙂2 "'.encode()]
    for offset, text in enumerate(halves, 1):
        head = b'{"type":"event","epoch":"e","offset":%d,"kind":"text","run":"r_0","data":{"text":' % offset
        sight.message(head + text + b"}}", 1.0)
    assert found.counts.words == 2
    assert found.faults == {}


def test_damage_is_counted_and_reading_goes_on() -> None:
    found = stand()
    told = frames(story(*range(1, WORDS + 1)))
    for payload in [*told[:6], b"{damaged", b"\xff\xfe", *told[6:]]:
        found.sight.message(payload, 1.0)
    assert found.faults == {}
    assert sum(n for kind, n in found.terms.tally.errors.items() if kind.startswith("problem")) == 2


def test_an_id_that_is_not_the_cursor_is_a_problem() -> None:
    found = over_sse([])
    found.sight.begin("join", None, 0.0)
    found.sight.feed(b": hello\n\n", 0.0)
    block = stream([word(3, 1)]).replace(b"id: e:3", b"id: e:4").partition(b"\n\n")[2]
    found.sight.feed(block, 0.0)
    assert any("is not the cursor" in kind for kind in found.terms.tally.errors)


def test_the_first_fault_is_kept_with_what_was_seen() -> None:
    found = over_websocket(story(1, 2, 3, 4, 5, 7, 8, 6))
    (sample,) = found.terms.samples.found
    assert sample["fault"] == "word 6 of run 0"
    assert (sample["device"], sample["session"]) == (0, "s")
    assert "(words 2 to 5 of run 0, each as it should be)" in sample["seen"]
    assert "tok-0007" in sample["seen"][-3]


def test_a_slow_reader_is_verified_but_not_measured() -> None:
    found = Stand(words=WORDS)
    slow = found.seat(Seer(1, slow=True))
    slow.begin("join", None, 0.0)
    found.ask(0, "r_0")
    for payload in frames(story(*range(1, WORDS + 1))):
        slow.message(payload, 1.0)
    assert found.counts.words == WORDS
    assert found.delays("item_delay") == []
