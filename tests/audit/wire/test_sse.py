"""The decoder against the letter of the standard: the cases that the usual libraries get wrong, and all chunkings."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.errors import Oversized
from audit.wire.sse import MAX_RETRY_MS, SseComment, SseDecoder, SseEvent, SsePiece


def decode(stream: bytes, *cuts: int, limit: int = 1_000_000) -> list[SsePiece]:
    decoder = SseDecoder(limit)
    edges = [0, *sorted(cuts), len(stream)]
    return [piece for start, end in pairwise(edges) for piece in decoder.feed(stream[start:end])]


def data(stream: bytes) -> list[str]:
    return [piece.data for piece in decode(stream) if isinstance(piece, SseEvent)]


def ids(stream: bytes) -> list[str]:
    return [piece.last_event_id for piece in decode(stream) if isinstance(piece, SseEvent)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_with_lf_cr_or_crlf(end: bytes) -> None:
    assert data(b"data: a" + end + b"data: b" + end + end + b"data: c" + end + end) == ["a\nb", "c"]


def test_mixed_line_ends_do_not_make_extra_blank_lines() -> None:
    assert data(b"data: a\r\ndata: b\r\r\ndata: c\n\r\n") == ["a\nb", "c"]


def test_crlf_split_over_chunks_is_one_line_end() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\r") == []
    assert decoder.feed(b"\ndata: b\r") == []
    (event,) = decoder.feed(b"\n\r")
    assert isinstance(event, SseEvent)
    assert event.data == "a\nb"
    assert decoder.feed(b"\n") == []


def test_an_event_is_given_as_soon_as_its_blank_line_begins() -> None:
    assert data(b"data: now\r\n\r") == ["now"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_other_separators_are_text(separator: str) -> None:
    text = f"a{separator}b"
    assert data(f"data: {text}\n\n".encode()) == [text]


def test_utf8_split_between_bytes() -> None:
    stream = "data: é漢🙂\n\n".encode()
    assert [piece.data for piece in decode(stream, *range(len(stream))) if isinstance(piece, SseEvent)] == ["é漢🙂"]


def test_invalid_utf8_becomes_replacement_characters() -> None:
    assert data(b"data: \xf0\x9f\x99\ndata: \xff\xc3(\n\n") == ["\ufffd\n\ufffd\ufffd("]


def test_one_leading_bom_is_ignored_and_only_there() -> None:
    bom = b"\xef\xbb\xbf"
    assert data(bom + b"data: a\n\n") == ["a"]
    assert data(bom + bom + b"data: a\n\n") == []
    assert data(b"data: a\n\n" + bom + b"data: b\n\n") == ["a"]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_bom_may_be_split(cut: int) -> None:
    (event,) = decode(b"\xef\xbb\xbfdata: a\n\n", cut)
    assert isinstance(event, SseEvent)
    assert event.data == "a"


def test_one_leading_space_is_stripped() -> None:
    assert data(b"data:a\ndata: b\ndata:  c\ndata:\td\n\n") == ["a\nb\n c\n\td"]


def test_the_standards_own_examples() -> None:
    assert data(b"data\n\ndata\ndata\n\ndata:") == ["", "\n"]
    assert data(b"data:test\n\ndata: test\n\n") == ["test", "test"]
    assert data(b"data: YHOO\ndata: +2\ndata: 10\n\n") == ["YHOO\n+2\n10"]
    assert ids(b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n") == [
        "1",
        "",
        "",
    ]


def test_type_is_of_its_event_alone() -> None:
    assert [p.type for p in decode(b"event: a\ndata\n\ndata\n\nevent: b\n\ndata\n\n") if isinstance(p, SseEvent)] == [
        "a",
        "message",
        "message",
    ]


def test_without_data_nothing_is_dispatched() -> None:
    assert decode(b"\n\nevent: x\nid: 1\n\nretry: 5\n\nunknown: 1\n\n") == []


def test_an_id_persists_over_events() -> None:
    assert ids(b"id: 1\ndata\n\ndata\n\nid: 2\n\ndata\n\nid:\ndata\n\n") == ["1", "1", "2", ""]


def test_an_id_without_data_is_what_a_reconnect_would_send() -> None:
    decoder = SseDecoder()
    decoder.feed(b"id: 7\n")
    assert decoder.last_event_id == ""
    decoder.feed(b"\n")
    assert decoder.last_event_id == "7"


def test_an_id_with_nul_is_ignored() -> None:
    assert ids(b"id: 1\ndata\n\nid: 2\x003\ndata\n\n") == ["1", "1"]


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (b"1000", 1000),
        (b"0", 0),
        (b"007", 7),
        (b"+5", None),
        (b"1.5", None),
        (b"1e3", None),
        (b"", None),
        (b" 5", None),
        ("٣".encode(), None),
        (b"9" * 5_000, MAX_RETRY_MS),
        (b"9" * 30, MAX_RETRY_MS),
    ],
)
def test_retry_is_digits_only(value: bytes, known: int | None) -> None:
    (event,) = decode(b"retry: " + value + b"\ndata\n\n")
    assert isinstance(event, SseEvent)
    assert event.retry_ms == known


def test_retry_counts_at_once_and_stays() -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry: 250\n")
    assert decoder.retry_ms == 250
    (event,) = decoder.feed(b"retry: soon\n\ndata\n\n")
    assert isinstance(event, SseEvent)
    assert event.retry_ms == 250


def test_comments_are_seen_and_do_not_end_an_event() -> None:
    assert decode(b":\n: ping\ndata: a\n:: in between\ndata: b\n\n") == [
        SseComment("", 0, 2),
        SseComment("ping", 2, 9),
        SseComment(": in between", 17, 31),
        SseEvent("message", "a\nb", "", None, 9, 40),
    ]


def test_unknown_and_oddly_written_fields_are_ignored() -> None:
    assert data(b"Data: a\n data: b\ndata : c\nfoo\n\n") == []


def test_an_unterminated_event_is_discarded() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: whole\n\ndata: half\n")[0] == SseEvent("message", "whole", "", None, 0, 13)
    decoder.finish()


def test_offsets_say_where_an_event_stood() -> None:
    stream = b"\n: hi\nid: 1\ndata: a\n\n\n\ndata: b\r\n\r\ndata: c\r\n\r\n"
    spans = [stream[p.start : p.end] for p in decode(stream)]
    assert spans == [b": hi\n", b"id: 1\ndata: a\n\n", b"data: b\r\n\r", b"data: c\r\n\r"]


def test_a_line_of_600_kb() -> None:
    assert data(b"data: " + b"x" * 600_000 + b"\n\n") == ["x" * 600_000]


def test_one_byte_at_a_time_is_linear() -> None:
    def seconds(size: int) -> float:
        stream, decoder, began = b"data: " + b"x" * size + b"\n\n", SseDecoder(), time.process_time()
        found = [piece for at in range(len(stream)) for piece in decoder.feed(stream[at : at + 1])]
        assert len(found) == 1
        return time.process_time() - began

    quarter, whole = seconds(250_000), seconds(1_000_000)
    assert whole < 12 * quarter  # quadratic would be 16 times as long, and in truth minutes


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 100,
        b"data: " + b"x" * 100 + b"\n\n",
        b": " + b"x" * 100 + b"\n",
        b"data: xxxxxxxx\n" * 8,
        b"event: xxxxxxx\n" * 8,
        b"\xef\xbb\xbf" * 30,
    ],
)
def test_an_event_that_outgrows_the_limit_is_refused(stream: bytes) -> None:
    decoder = SseDecoder(limit=64)
    with pytest.raises(Oversized, match="64 bytes"):
        decoder.feed(stream)
    with pytest.raises(Oversized):
        decoder.feed(b"data: more\n\n")


def test_the_limit_is_of_one_event_not_of_the_stream() -> None:
    assert len(decode((b"data: " + b"x" * 58 + b"\n\n: ping\n") * 2, limit=64)) == 4
    assert len(decode(b"data: xxxxxxxx\n\n: ping\n" * 100, limit=64)) == 200


def test_what_was_whole_before_the_excess_is_not_lost() -> None:
    decoder = SseDecoder(limit=64)
    assert len(decoder.feed(b"data: a\n\n" + b"x" * 65)) == 1
    with pytest.raises(Oversized):
        decoder.finish()


LINES = st.sampled_from(
    [b"data: a", b"data", b"data:", b"id: 1", b"id: \0", b"event: e", b"retry: 1", b": c", b"", b"\xef\xbb\xbfdata: x"]
) | st.binary(max_size=8)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n"])), max_size=20).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@given(STREAMS, st.lists(st.integers(0, 200), max_size=12))
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", [8, 9, 10, 11])
def test_chunking_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    inside = [cut for cut in cuts if cut <= len(stream)]
    assert decode(stream, *inside) == decode(stream) == decode(stream, *range(len(stream)))


@given(STREAMS, st.lists(st.integers(0, 200), max_size=12))
def test_chunking_changes_no_excess_either(stream: bytes, cuts: list[int]) -> None:
    def outcome(*where: int) -> tuple[list[SsePiece], bool]:
        decoder, found = SseDecoder(limit=12), []
        edges = [0, *sorted(cut for cut in where if cut <= len(stream)), len(stream)]
        try:
            for start, end in pairwise(edges):
                found += decoder.feed(stream[start:end])
            decoder.finish()
        except Oversized:
            return found, True
        return found, False

    assert outcome(*cuts) == outcome() == outcome(*range(len(stream)))


def by_the_standard(stream: bytes) -> list[tuple[str, str, str]]:
    """The standard's algorithm on the whole stream, written down as it reads: decode first, then split."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found, buffer, type, last_id, id = [], "", "", "", ""
    for line in text.split("\n")[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            last_id = id
            if buffer:
                found.append((type or "message", buffer.removesuffix("\n"), last_id))
            buffer, type = "", ""
        elif field == "event":
            type = value
        elif field == "data":
            buffer += value + "\n"
        elif field == "id" and "\0" not in value:
            id = value
    return found


@given(STREAMS | st.binary(max_size=200))
@example(b"data: a\xe2\x82\ndata: \xf0\x9f\x99\r\n\r")
def test_it_agrees_with_the_standard(stream: bytes) -> None:
    found = [(p.type, p.data, p.last_event_id) for p in decode(stream) if isinstance(p, SseEvent)]
    assert found == by_the_standard(stream)


@given(STREAMS)
def test_spans_are_in_order_and_decode_to_their_own_event(stream: bytes) -> None:
    # a comment inside an event lies within its span, so only events are compared with each other
    pieces = [piece for piece in decode(stream) if isinstance(piece, SseEvent)]
    assert all(a.end <= b.start for a, b in pairwise(pieces))
    for piece in pieces:
        before = b"\n" if piece.start else b""  # a byte order mark is one only where the stream begins
        own = [p for p in decode(before + stream[piece.start : piece.end]) if isinstance(p, SseEvent)]
        assert [(p.type, p.data) for p in own] == [(piece.type, piece.data)]
