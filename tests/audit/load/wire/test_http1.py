from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from audit.load.wire.head import HEAD_LIMIT
from audit.load.wire.http1 import BODY_LIMIT, Exchange

from ..cutting import pieces
from .owners import Owner, Transport

CUTS = st.lists(st.integers(0, 200), max_size=10)


def exchange(stream: bool, accepts: bool = True) -> tuple[Exchange, Owner, Transport]:
    owner, transport = Owner(accepts=accepts), Transport()
    conn = Exchange(owner, b"GET / HTTP/1.1\r\n\r\n", stream=stream)
    conn.connection_made(transport)
    return conn, owner, transport


def feed(conn: Exchange, data: bytes, cuts: Sequence[int] = ()) -> None:
    for piece in pieces(data, cuts):
        conn.data_received(piece)


def test_the_request_is_sent_at_once() -> None:
    conn, _, transport = exchange(True)
    assert conn.spoke
    assert transport.sent == b"GET / HTTP/1.1\r\n\r\n"


@given(CUTS)
def test_a_stream_is_handed_on_as_it_comes(cuts: list[int]) -> None:
    conn, owner, transport = exchange(True)
    feed(conn, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n", cuts)
    assert owner.answers == [(200, {"transfer-encoding": "chunked"}, b"")]
    assert b"".join(owner.taken) == b"abcde"
    assert not owner.ends
    conn.data_received(b"0\r\n\r\n")
    assert owner.ends == ["clean"]
    assert transport.aborted


@given(CUTS)
def test_anything_else_is_read_whole_first(cuts: list[int]) -> None:
    conn, owner, _ = exchange(False)
    feed(conn, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello", cuts)
    assert owner.answers == [(202, {"content-length": "5"}, b"hello")]
    assert owner.ends == ["clean"]


@given(CUTS)
def test_a_refusal_of_a_stream_is_read_whole(cuts: list[int]) -> None:
    conn, owner, _ = exchange(True)
    feed(conn, b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 3\r\n\r\nbusy", cuts)
    assert owner.answers == [(503, {"content-length": "4", "retry-after": "3"}, b"busy")]


def test_no_content_is_an_answer() -> None:
    conn, owner, _ = exchange(True)
    conn.data_received(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert owner.answers == [(204, {}, b"")]
    assert owner.ends == ["clean"]


def test_a_body_without_a_length_ends_with_a_fin_only() -> None:
    for lost, end in ((None, "clean"), (ConnectionResetError(), "rst")):
        conn, owner, _ = exchange(True)
        conn.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
        conn.connection_lost(lost)
        assert (owner.taken, owner.ends) == ([b"abc"], [end])


def test_a_stream_that_breaks_off_is_no_clean_end() -> None:
    conn, owner, _ = exchange(True)
    conn.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    conn.connection_lost(None)
    assert owner.ends == ["fin"]


def test_a_connection_that_never_answers_says_how_it_ended() -> None:
    conn, owner, _ = exchange(True)
    conn.connection_lost(ConnectionResetError())
    assert (owner.answers, owner.ends) == ([], ["rst"])


def test_an_owner_that_wants_no_stream_gets_none() -> None:
    conn, owner, transport = exchange(True, accepts=False)
    conn.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
    conn.data_received(b"def")
    assert (owner.taken, owner.ends) == ([], [])
    assert transport.aborted


def test_what_is_not_http_ends_the_connection() -> None:
    for data in (
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"x" * (HEAD_LIMIT + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n",
    ):
        conn, owner, transport = exchange(True)
        conn.data_received(data)
        assert len(owner.ends) == 1
        assert transport.aborted


def test_a_body_that_outgrows_its_bounds_ends_the_connection() -> None:
    conn, owner, _ = exchange(False)
    conn.data_received(b"HTTP/1.1 200 OK\r\n\r\n")
    conn.data_received(b"x" * (BODY_LIMIT + 1))
    assert "over" in owner.ends[0]


def test_after_a_cut_nothing_is_seen() -> None:
    conn, owner, _ = exchange(True)
    conn.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
    conn.cut("rst")
    conn.data_received(b"def")
    conn.connection_lost(None)
    assert (owner.taken, owner.ends) == ([b"abc"], [])
