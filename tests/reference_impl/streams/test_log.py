from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.streams.log import StreamLog

PARTS = st.lists(st.binary(min_size=1, max_size=20), max_size=12)


def log_of(parts: list[bytes]) -> StreamLog:
    log = StreamLog("a")
    for part in parts:
        log.append(part)
    return log


@given(PARTS, st.integers(0, 60), st.data())
def test_pieces_end_between_appends_and_add_up_to_everything(
    parts: list[bytes], limit: int, data: st.DataObject
) -> None:
    log, ends = log_of(parts), [0, *accumulate(len(part) for part in parts)]
    at = data.draw(st.sampled_from(ends))
    read = b""
    while at < log.tail:
        upto = log.stop(at, limit)
        assert upto in ends
        assert upto > at
        assert upto - at <= limit or ends.index(upto) == ends.index(at) + 1
        read += log.read(at, upto)
        at = upto
    assert b"".join(parts).endswith(read)
    assert log.stop(log.tail, limit) == log.tail == sum(map(len, parts))
    assert [place for place in range(log.tail + 3) if log.holds(place)] == ends


@given(PARTS, PARTS, st.data())
def test_what_is_inherited_is_the_sources_own_and_goes_its_own_way(
    parts: list[bytes], more: list[bytes], data: st.DataObject
) -> None:
    source, fork = log_of(parts), StreamLog("a")
    position = data.draw(st.integers(0, source.tail))
    fork.inherit(source, position)
    assert fork.holds(position)
    assert fork.tail == position
    for part in more:
        fork.append(part)
        source.append(b"elsewhere")
    assert fork.read(0, fork.tail) == b"".join(parts)[:position] + b"".join(more)


def test_an_empty_append_adds_no_place() -> None:
    log = log_of([b"a", b"", b"b"])
    assert (log.tail, log.stop(0, 0), log.stop(1, 0)) == (2, 1, 2)
