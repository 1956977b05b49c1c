from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.wire.websocket import MESSAGE_LIMIT, Key, WebSocket, frame

from ..cutting import pieces
from .owners import Owner, Transport

CUTS = st.lists(st.integers(0, 3_000), max_size=12)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def told(payload: bytes, first: int = 0x80 | TEXT) -> bytes:
    """A frame as a server writes it."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def unmasked(sent: bytes) -> list[tuple[int, bytes]]:
    """What a server reads."""
    found, place = [], 0
    while place < len(sent):
        first, size = sent[place], sent[place + 1]
        assert size & 0x80, "a client masks"
        size, place = size & 0x7F, place + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, place = int.from_bytes(sent[place : place + width], "big"), place + width
        mask, body = sent[place : place + 4], sent[place + 4 : place + 4 + size]
        found.append((first, bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))))
        place += 4 + size
    return found


def opened(
    frames: tuple[str, ...] = (), *, accept: str = "", status: str = "101 Switching"
) -> tuple[WebSocket, Owner, Transport]:
    owner, transport, key = Owner(), Transport(), Key.new()
    conn = WebSocket(owner, b"GET", key, frames)
    conn.connection_made(transport)
    assert transport.sent == b"GET"
    transport.sent.clear()
    conn.data_received(f"HTTP/1.1 {status}\r\nSec-WebSocket-Accept: {accept or key.accept.decode()}\r\n\r\n".encode())
    return conn, owner, transport


def feed(conn: WebSocket, data: bytes, cuts: Sequence[int] = ()) -> None:
    for piece in pieces(data, cuts):
        conn.data_received(piece)


def test_the_key_of_the_standard_is_answered_as_it_says() -> None:
    # RFC 6455, 1.3; keys of our own are made the same way
    assert Key.for_nonce(b"the sample nonce").accept == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert Key.new() != Key.new()


@given(st.lists(st.binary(max_size=300), max_size=5), CUTS)
def test_messages_come_out_whole_however_they_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    conn, owner, _ = opened()
    feed(conn, b"".join(told(message) for message in messages), cuts)
    assert owner.taken == messages
    assert not owner.ends


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_every_length(size: int) -> None:
    conn, owner, _ = opened()
    conn.data_received(told(b"x" * size) + told(b"next"))
    assert [len(each) for each in owner.taken] == [size, 4]


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40), CUTS)
def test_fragments_are_joined_with_pings_in_between(a: bytes, b: bytes, c: bytes, cuts: list[int]) -> None:
    conn, owner, transport = opened()
    parts = told(a, TEXT) + told(b"still there?", 0x80 | PING) + told(b, 0) + told(c, 0x80)
    feed(conn, parts + told(b"after"), cuts)
    assert owner.taken == [a + b + c, b"after"]
    assert unmasked(bytes(transport.sent)) == [(0x80 | PONG, b"still there?")]


def test_binary_messages_are_messages() -> None:
    conn, owner, _ = opened()
    conn.data_received(told(b"\x00\xff", 0x80 | BINARY))
    assert owner.taken == [b"\x00\xff"]


@given(st.text(max_size=300))
def test_what_is_sent_can_be_read(text: str) -> None:
    conn, _, transport = opened()
    conn.send(text)
    assert unmasked(bytes(transport.sent)) == [(0x80 | TEXT, text.encode())]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_of_every_length_are_written(size: int) -> None:
    assert unmasked(frame(TEXT, b"y" * size)) == [(0x80 | TEXT, b"y" * size)]


def test_first_frames_go_out_as_soon_as_it_is_open() -> None:
    _, owner, transport = opened(("one", "two"))
    assert unmasked(bytes(transport.sent)) == [(0x81, b"one"), (0x81, b"two")]
    assert owner.answers[0][0] == 101


def test_frames_may_come_with_the_handshake() -> None:
    owner, key = Owner(), Key.new()
    conn = WebSocket(owner, b"GET", key)
    conn.connection_made(Transport())
    answer = f"HTTP/1.1 101 x\r\nSec-WebSocket-Accept: {key.accept.decode()}\r\n\r\n".encode() + told(b"early")
    for place in range(len(answer)):
        conn.data_received(answer[place : place + 1])
    assert owner.taken == [b"early"]


def test_a_refusal_is_told_and_ends_it() -> None:
    _, owner, transport = opened(("one",), status="503 Busy")
    assert owner.answers[0][0] == 503
    assert transport.aborted
    assert not transport.sent


def test_a_wrong_accept_is_no_websocket() -> None:
    _, owner, _ = opened(accept="AAAA")
    assert owner.answers == []
    assert "Accept" in owner.ends[0]


@pytest.mark.parametrize(("payload", "how"), [
    (b"\x03\xe9bye", "clean 1001"), (b"\x0f\xa8", "clean 4008"), (b"", "clean"), (b"\x03", "clean"),
])  # fmt: skip
def test_a_close_is_answered_and_told(payload: bytes, how: str) -> None:
    conn, owner, transport = opened()
    conn.data_received(told(payload, 0x80 | CLOSE))
    assert owner.ends == [how]
    assert unmasked(bytes(transport.sent)) == [(0x80 | CLOSE, payload[:2])]


@pytest.mark.parametrize("data", [
    told(b"x", 0xC1),  # an extension nobody agreed on
    told(b"x", 0x83),  # reserved opcodes
    told(b"x", 0x8B),
    told(b"x", 0x80),  # the rest of nothing
    told(b"x", TEXT) + told(b"y", 0x81),  # a message in a message
    told(b"x", PING),  # a ping in pieces
    told(b"x" * 126, 0x80 | PING),
    bytes((0x81, 0x81)) + b"maskx",  # masked, by a server
    bytes((0x81, 127)) + (MESSAGE_LIMIT + 1).to_bytes(8, "big"),
])  # fmt: skip
def test_what_the_standard_forbids_ends_it(data: bytes) -> None:
    for cuts in ([], list(range(len(data)))):
        conn, owner, transport = opened()
        feed(conn, data, cuts)
        assert len(owner.ends) == 1
        assert transport.aborted


def test_fragments_do_not_outgrow_the_bounds() -> None:
    conn, owner, _ = opened()
    conn.data_received(told(b"x" * (MESSAGE_LIMIT // 2), TEXT))
    conn.data_received(told(b"x" * (MESSAGE_LIMIT // 2 + 1), 0))
    assert "over" in owner.ends[0]


@pytest.mark.parametrize("lines", [
    "Sec-WebSocket-Accept: \r\nX-Echo: {accept}", "X-Echo: {accept}\r\nSec-WebSocket-Accept: AAAA",
    "X-Echo: 1\r\nSec-WebSocket-Accept: ", "Sec-WebSocket-Accept: {accept}x",
])  # fmt: skip
def test_an_answer_like_one_that_was_right_is_looked_at_all_the_same(lines: str) -> None:
    for right in ("Sec-WebSocket-Accept: {accept}\r\nX-Echo: ", "X-Echo: 1\r\nSec-WebSocket-Accept: {accept}"):
        for _ in range(2):
            assert len(answered_with(right).answers) == 1
    owner = answered_with(lines)
    assert owner.answers == []
    assert "wrong Sec-WebSocket-Accept" in owner.ends[0]


def answered_with(lines: str) -> Owner:
    owner, key = Owner(), Key.new()
    conn = WebSocket(owner, b"GET", key)
    conn.connection_made(Transport())
    conn.data_received(f"HTTP/1.1 101 x\r\n{lines.format(accept=key.accept.decode())}\r\n\r\n".encode())
    return owner
