from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import Oversized, ProtocolError
from audit.load.wire.body import Body, body_of

from ..cutting import pieces

CHUNKED = {"transfer-encoding": "chunked"}
TEXTS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
CUTS = st.lists(st.integers(0, 400), max_size=12)


class Intake:
    """Takes a body, however it is cut."""

    def __init__(self, headers: dict[str, str], status: int = 200) -> None:
        self.pieces: list[bytes] = []
        self.body: Body = body_of(status, headers, lambda data, at: self.pieces.append(data))

    def feed(self, data: bytes, cuts: Sequence[int] = ()) -> bytes:
        for piece in pieces(data, cuts):
            if not self.body.done:
                self.body.feed(piece, 0.0)
        return b"".join(self.pieces)


def chunked(texts: list[bytes], end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(text), text) for text in texts) + end


@given(TEXTS, CUTS)
def test_chunks_come_out_whole_however_they_are_cut(texts: list[bytes], cuts: list[int]) -> None:
    taken = Intake(CHUNKED)
    assert taken.feed(chunked(texts), cuts) == b"".join(texts)
    assert taken.body.done


@given(TEXTS, CUTS)
def test_an_uncut_chunk_is_one_piece(texts: list[bytes], cuts: list[int]) -> None:
    taken = Intake(CHUNKED)
    for text in texts:
        taken.feed(chunked([text], b""))
    assert taken.pieces == texts
    assert not taken.body.done


def test_part_of_a_chunk_is_not_kept_waiting() -> None:
    taken = Intake(CHUNKED)
    assert taken.feed(b"a\r\n01234") == b"01234"
    assert taken.feed(b"56789\r") == b"0123456789"
    assert taken.feed(b"\n0\r\n\r\n") == b"0123456789"
    assert taken.body.done


def test_extensions_and_trailers_mean_nothing() -> None:
    taken = Intake(CHUNKED)
    assert taken.feed(b"2;a=b\r\nhi\r\n0\r\nX-Trailer: 1\r\n\r\n") == b"hi"
    assert taken.body.done


@pytest.mark.parametrize(
    "data", [b"zz\r\n", b"-1\r\n", b"0x5\r\nhello\r\n", b"1_0\r\n", b"\r\n", b"2\r\nhiX\n", b"2\r\nhi1\r\n"]
)
def test_broken_chunks_are_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Intake(CHUNKED).feed(data)
    with pytest.raises(ProtocolError):
        Intake(CHUNKED).feed(data, list(range(len(data))))


def test_a_line_that_never_ends_is_refused() -> None:
    with pytest.raises(Oversized):
        Intake(CHUNKED).feed(b"5;" + b"x" * 5_000)


@given(st.binary(max_size=50), st.binary(max_size=10), CUTS)
def test_a_length_is_kept(text: bytes, more: bytes, cuts: list[int]) -> None:
    taken = Intake({"content-length": str(len(text))})
    assert taken.feed(text + more, cuts) == text
    assert taken.body.done


def test_without_a_length_it_lasts_until_the_close() -> None:
    taken = Intake({})
    assert taken.feed(b"anything") == b"anything"
    assert taken.body.until_close
    assert not taken.body.done


@pytest.mark.parametrize("status", [204, 304, 101])
def test_some_responses_have_no_body(status: int) -> None:
    assert Intake({"content-length": "5"}, status).body.done


def test_the_same_length_twice_is_one_length() -> None:
    assert Intake({"content-length": "2, 2"}).feed(b"hi") == b"hi"


@pytest.mark.parametrize("headers", [
    {"content-length": "2, 3"}, {"content-length": "-1"}, {"content-length": "²"}, {"content-length": ""},
    {"transfer-encoding": "gzip, chunked"}, {"content-encoding": "br"},
])  # fmt: skip
def test_framing_that_cannot_be_read_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        Intake(headers)


def test_what_is_compressed_unasked_is_inflated() -> None:
    packed = zlib.compress(b"hello " * 100)
    assert Intake({"content-encoding": "deflate", **CHUNKED}).feed(chunked([packed])) == b"hello " * 100
