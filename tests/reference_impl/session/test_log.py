from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.event import Event
from reference_impl.session.log import Expired, Log, entry

EPOCH = "k3j9"


def log_of(count: int, retain: int | None = None) -> Log:
    log = Log(EPOCH, retain)
    for offset in range(1, count + 1):
        log.append(entry(Event("text", "r_1", {"text": f"word-{offset} "}), EPOCH, offset))
        log.trim()
    return log


def frames(first: int, last: int) -> bytes:
    return b"".join(
        entry(Event("text", "r_1", {"text": f"word-{offset} "}), EPOCH, offset).ws for offset in range(first, last + 1)
    )


def test_offsets_are_dense() -> None:
    log = log_of(2)
    for offset in (2, 4, 0):
        with pytest.raises(ValueError, match="cannot follow 2"):
            log.append(entry(Event("run-start", "r_1"), EPOCH, offset))
    assert log.head == 2


@pytest.mark.parametrize(
    ("cursor", "after", "gap"),
    [
        (None, 0, None),
        ("k3j9:0", 0, None),
        ("k3j9:3", 3, None),
        ("k3j9:5", 5, None),
        ("k3j9:6", 0, "future"),
        ("k3j9:999999999999999999", 0, "future"),
        ("k3j8:3", 0, "foreign-epoch"),
        ("", 0, "malformed"),
        ("3", 0, "malformed"),
        ("k3j9:", 0, "malformed"),
        ("k3j9:-1", 0, "malformed"),
        ("k3j9:03", 0, "malformed"),
        ("k3j9:3 ", 0, "malformed"),
        ("k3j9:3\n", 0, "malformed"),
        ("k3j9:٣", 0, "malformed"),
        ("k3j9:9999999999999999999", 0, "malformed"),
        ("K3J9:3", 0, "malformed"),
        ("e" * 33 + ":3", 0, "malformed"),
    ],
)
def test_a_cursor_recovers_everything_or_names_the_gap(cursor: str | None, after: int, gap: str | None) -> None:
    resumption = log_of(5).resume(cursor)
    assert (resumption.after, resumption.gap, resumption.recovered) == (after, gap, gap is None)


@given(st.text(max_size=20))
def test_no_garbage_is_taken_for_a_cursor(cursor: str) -> None:
    assert log_of(3).resume(cursor).gap in ("malformed", "foreign-epoch")


def test_past_retention_the_gap_is_named_and_what_is_left_is_offered() -> None:
    log = log_of(100, retain=10)
    assert 10 <= log.head - log.trimmed <= 12
    assert log.resume(None).gap == "expired"
    assert log.resume(f"{EPOCH}:{log.trimmed - 1}").gap == "expired"
    assert log.resume(f"{EPOCH}:{log.trimmed}").recovered
    assert log.resume("other:1").after == log.trimmed
    piece, last = log.read("ws", log.trimmed, log.head, 1 << 20)
    assert (piece, last) == (frames(log.trimmed + 1, 100), 100)
    with pytest.raises(Expired):
        log.read("ws", log.trimmed - 1, log.head, 1 << 20)


@given(st.data())
def test_pieces_put_together_are_the_log(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 60))
    log = log_of(count, data.draw(st.none() | st.integers(1, 60)))
    after = first = data.draw(st.integers(log.trimmed, count))
    pieces = []
    while after < count:
        upto = data.draw(st.integers(after + 1, count))
        limit = data.draw(st.integers(1, 2_000))
        piece, stop = log.read("ws", after, upto, limit)
        assert after < stop <= upto
        assert stop == after + 1 or len(piece) <= limit
        pieces.append(piece)
        after = stop
    assert b"".join(pieces) == frames(first + 1, count)


def test_a_large_limit_gives_everything_at_once() -> None:
    assert log_of(50).read("ws", 10, 50, 1 << 20) == (frames(11, 50), 50)


def test_devices_at_the_same_place_share_one_piece() -> None:
    log = log_of(50)
    assert log.read("sse", 10, 50, 1 << 20)[0] is log.read("sse", 10, 50, 1 << 20)[0]
