"""Words that are foreseen are counted as those that are decoded, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.decode import TextEvent
from audit.load.sight import Sight
from audit.load.wire.conn import Conn
from audit.load.wire.http1 import Exchange
from audit.load.wire.websocket import Key, WebSocket
from audit.load.words_ahead import WordsAhead

from .cutting import pieces
from .seers import Stand, adapter_of
from .test_sight import frames, story, stream, word
from .wire.owners import Owner, Transport

WORDS = 14
RIGHT = list(range(1, WORDS + 1))
damaged = st.tuples(st.integers(0, WORDS - 1), st.sampled_from(["skip", "again", "swap", "foreign", "epoch", "offset"]))


class Reading(Owner):
    """An owner whose bytes are read by a sight."""

    def __init__(self, stand: Stand, *, framed: bool) -> None:
        super().__init__()
        self.stand, self.framed = stand, framed

    def answered(self, conn: Conn, status: int, headers: Any, body: bytes) -> Any:
        self.stand.sight.begin("join", None, 0.0)
        return self.stand.sight.message if self.framed else self.stand.sight.feed


def story_of(damages: list[tuple[int, str]], first: int = 1) -> list[dict[str, Any]]:
    """One run in which this and that goes wrong."""
    told = story(*RIGHT, first=first)
    for number, what in damages:
        place = min(4 + number, len(told) - 2)  # a word, however many are gone
        match what:
            case "skip":
                del told[place]
            case "again":
                told.insert(place, told[place])
            case "swap":
                told[place - 1], told[place] = told[place], told[place - 1]
            case "foreign":
                told.insert(place, word(first + 2 + number, 4711))
            case "epoch":
                told[place] = {**told[place], "epoch": "f"}
            case "offset":
                told[place] = {**told[place], "offset": 999}
    return told


def stand_of(transport: str) -> Stand:
    found = Stand(adapter_of("session", transport=transport), words=WORDS)
    found.ask(0, "r_0")
    return found


def framed(payload: bytes) -> bytes:
    size = len(payload)
    return bytes((0x81, size)) + payload if size < 126 else bytes((0x81, 126)) + size.to_bytes(2, "big") + payload


def over_websocket(told: list[dict[str, Any]]) -> tuple[Stand, WebSocket]:
    """Every message in a read of its own."""
    found, key = stand_of("websocket"), Key.new()
    conn = WebSocket(Reading(found, framed=True), b"", key)
    conn.connection_made(Transport())
    conn.data_received(b"HTTP/1.1 101 x\r\nSec-WebSocket-Accept: " + key.accept + b"\r\n\r\n")
    for payload in frames(told):
        conn.data_received(framed(payload))
    return found, conn


def over_sse(told: list[dict[str, Any]], cuts: list[int] = []) -> tuple[Stand, Exchange]:  # noqa: B006
    """Every event in a chunk of its own; all of that cut anywhere, or one chunk a read."""
    found = stand_of("sse")
    conn = Exchange(Reading(found, framed=False), b"", stream=True)
    conn.connection_made(Transport())
    conn.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    events = [event + b"\n\n" for event in stream(told).replace(b": ping\n\n", b"").split(b"\n\n") if event]
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in events]
    for piece in pieces(b"".join(chunks), cuts) if cuts else chunks:
        conn.data_received(piece)
    return found, conn


def decoded(told: list[dict[str, Any]]) -> Stand:
    """The same without any connection: every message is decoded."""
    found = stand_of("websocket")
    found.sight.begin("join", None, 0.0)
    for payload in frames(told):
        found.sight.message(payload, 0.0)
    return found


def judged(stand: Stand) -> tuple[dict[str, int], str | None, int]:
    stand.sight.close(judge=True)
    return asdict(stand.counts), stand.sight.cursor, stand.terms.tally.others


@given(st.lists(damaged, max_size=3), st.integers(1, 120), st.lists(st.integers(0, 3_000), max_size=6))
def test_foreseen_or_decoded_the_counts_are_the_same(
    damages: list[tuple[int, str]], first: int, cuts: list[int]
) -> None:
    told = story_of(damages, first)
    right = judged(decoded(told))
    assert judged(over_websocket(told)[0]) == right
    assert judged(over_sse(told)[0]) == right
    assert judged(over_sse(told, cuts)[0]) == right


@pytest.mark.parametrize("over", [over_websocket, over_sse])
def test_the_words_of_a_right_answer_are_foreseen(over: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    event = Sight._event

    def decoded(self: Sight, found: TextEvent, raw: bytes, at: float) -> Sight | None:
        read.append(raw)
        return event(self, found, raw, at)

    monkeypatch.setattr(Sight, "_event", decoded)
    found, _ = over(story(*RIGHT, first=1))
    # the first one teaches what words look like; 8 to 9 (offset 9 to 10) is another length, and foreseen, too
    assert [each for each in RIGHT if any(b"tok-%04d" % each in raw for raw in read)] == [1]
    assert found.counts.words == WORDS
    assert len(found.delays("item_delay")) >= WORDS - 1


def test_the_cursor_is_that_of_the_last_word_at_any_time() -> None:
    for count in range(1, WORDS):
        found, _ = over_websocket(story(*RIGHT)[: 4 + count])
        assert found.sight.cursor == f"e:{2 + count}"


def test_after_a_stop_no_word_is_foreseen() -> None:
    told = story(*RIGHT)
    found, conn = over_websocket(told[:8])
    said = found.room.runs[0]
    said.stop(0.0)
    said.stopped_at = -1e9
    found.room.disarm()
    conn.data_received(framed(frames(told)[8]))
    assert found.counts.words == 5
    assert said.stop_asked
    assert found.sight._ahead is None


def test_what_comes_after_a_cut_is_not_counted() -> None:
    told = story(*RIGHT)
    found, conn = over_websocket(told[:8])
    conn.cut("rst")
    conn.data_received(framed(frames(told)[8]))
    assert found.counts.words == 4


def test_a_foreseen_word_that_comes_in_two_pieces_or_twice_is_read_as_ever() -> None:
    told = frames(story(*RIGHT))
    found, conn = over_websocket(story(*RIGHT)[:8])
    conn.data_received(framed(told[8])[:40])
    conn.data_received(framed(told[8])[40:])
    conn.data_received(framed(told[9]) + framed(told[10]))
    assert found.counts.words == 7
    assert found.faults == {}


def test_an_event_that_is_written_otherwise_is_not_foreseen() -> None:
    found = stand_of("websocket")
    found.sight.begin("join", None, 0.0)
    for message in story(*RIGHT)[:7]:
        payload = json.dumps(message).encode()  # with blanks
        seer = found.sight.message(payload, 0.0)
    assert seer is found.sight
    assert found.sight.foresee(framed(payload)) is None
    assert not isinstance(found.sight._ahead, WordsAhead)
