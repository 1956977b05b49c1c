from __future__ import annotations

from reference_impl.streams.content import Kind
from reference_impl.streams.log import StreamLog
from reference_impl.streams.pieces import Pieces, Reading

LIMIT = 10


def drained(reading: Reading) -> bytes:
    pieces = []
    while piece := reading.take(LIMIT):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_reader_gets_everything_once_and_then_what_comes() -> None:
    log = StreamLog("a")
    pieces = Pieces(log, Kind.TEXT)
    for word in (b"one ", b"two ", b"three-is-long ", b"4"):
        log.append(word)
    reading = Reading(pieces, 0, 0)
    text = drained(reading)
    assert [text.count(each) for each in (b"event: data", b"event: control", b"upToDate")] == [3, 3, 1]
    assert b"data:one two \n" in text
    assert drained(reading) == b""
    log.append(b"five")
    assert b"data:five\n" in drained(reading)


def test_readers_at_the_tail_share_the_very_bytes() -> None:
    log = StreamLog("a")
    pieces = Pieces(log, Kind.JSON)
    readings = [Reading(pieces, 0, 0) for _ in range(3)]
    assert all(b"upToDate" in reading.take(LIMIT) for reading in readings)
    log.append(b"1,")
    pieces.renew(LIMIT)
    told = [reading.news() for reading in readings]
    assert b"[1]" in told[0]
    assert all(each is told[0] for each in told)
    assert all(reading.take(LIMIT) == b"" for reading in readings)


def test_news_is_not_for_a_reader_that_is_behind_or_ahead_of_the_cursor() -> None:
    log = StreamLog("a")
    pieces = Pieces(log, Kind.JSON)
    ahead, new, behind = Reading(pieces, 0, 10**12), Reading(pieces, 0, 0), Reading(pieces, 0, 0)
    ahead.take(LIMIT)
    behind.take(LIMIT)
    log.append(b"1,")
    pieces.renew(LIMIT)
    log.append(b"2,")
    pieces.renew(LIMIT)
    assert [reading.news() for reading in (ahead, new, behind)] == [b"", b"", b""]
    assert b'"streamCursor":"1000000000000"' in ahead.take(LIMIT)
    assert b"[1,2]" in behind.take(LIMIT)


def test_the_end_is_said_once_and_whatever_comes_with_it() -> None:
    log = StreamLog("a")
    pieces = Pieces(log, Kind.TEXT)
    reading = Reading(pieces, 0, 0)
    reading.take(LIMIT)
    log.append(b"bye")
    log.closed = True
    pieces.renew(LIMIT)
    assert reading.news() == b""
    last = reading.take(LIMIT)
    assert b"data:bye\n" in last
    assert b'"streamClosed":true' in last
    assert reading.over
    assert drained(reading) == b""
    late = Reading(pieces, 3, 0)
    assert b'"streamClosed":true' in drained(late)
