from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.producer import Stamp
from reference_impl.streams import content, decide
from reference_impl.streams.decide import Append, Outcome, Wanted
from reference_impl.streams.log import StreamLog
from reference_impl.streams.problems import StreamRefused
from reference_impl.streams.record import Created, Source, decode, encode
from reference_impl.streams.state import StreamState, fold

TEXT = Created("text/plain", "a")


def text(body: bytes = b"x", *, closing: bool = False, stamp: Stamp | None = None, order: str | None = None) -> Append:
    return Append(body, "text/plain" if body else None, closing, stamp, order)


APPENDS = st.builds(
    text,
    st.sampled_from([b"", b"x", b"yy"]),
    closing=st.booleans(),
    stamp=st.none() | st.builds(Stamp, st.sampled_from("ab"), st.integers(0, 2), st.integers(0, 3)),
    order=st.none() | st.sampled_from(["1", "09", "10", "2", "a", "B"]),
).filter(lambda append: append.body or append.closing)


def tried(append: Append, state: StreamState) -> Outcome | StreamRefused:
    try:
        return append.decide(state, 1)
    except StreamRefused as refused:
        return refused


@given(st.lists(APPENDS, max_size=25))
def test_a_stream_is_the_fold_of_its_records_and_a_refusal_changes_nothing(appends: list[Append]) -> None:
    state, records = StreamState(TEXT), [encode(TEXT)]
    for append in appends:
        before = (state.tail, state.closed, state.order, state.records)
        found = tried(append, state)
        if isinstance(found, Outcome) and found.record is not None:
            records.append(encode(found.record))
        else:
            assert before == (state.tail, state.closed, state.order, state.records)
        again = fold([decode(record) for record in records])
        assert (again.tail, again.closed, again.closed_by, again.order, again.records) == (
            *(state.tail, state.closed, state.closed_by, state.order, state.records),
        )
    assert state.records == len(records)


def test_nothing_follows_the_end_but_the_same_end_again() -> None:
    state, stamp = StreamState(TEXT), Stamp("p", 0, 0)
    text(b"end", closing=True, stamp=stamp).decide(state, 1)
    assert text(b"other", closing=True, stamp=stamp).decide(state, 1).known
    assert text(b"", closing=True).decide(state, 1).known
    for late in (
        text(),
        text(b"x", closing=True),
        text(b"x", stamp=stamp),
        text(b"", closing=True, stamp=Stamp("q", 0, 0)),
    ):
        with pytest.raises(StreamRefused) as refused:
            late.decide(state, 1)
        assert refused.value.status == 409
        assert refused.value.headers == {"Stream-Closed": "true", "Stream-Next-Offset": state.offset}


def test_the_order_of_writers_is_bytewise() -> None:
    state = StreamState(TEXT)
    for order, fits in (("09", True), ("10", True), ("2", True), ("10", False), ("2", False), ("B", True), ("a", True)):
        found = tried(text(order=order), state)
        assert isinstance(found, Outcome) is fits, order


def test_another_media_type_is_refused_but_not_for_an_empty_body() -> None:
    state = StreamState(TEXT)
    assert isinstance(tried(Append(b"{}", "application/json", False, None, None), state), StreamRefused)
    assert isinstance(tried(Append(b"", "application/json", True, None, None), state), Outcome)


def test_lifetimes() -> None:
    state = StreamState(Created("a/b", "a", ttl_s=8, at=0))
    assert (state.left_ms(0), state.left_ms(9_000), state.worn(999), state.worn(1_000)) == (9_000, 0, False, True)
    decide.touch(state, 1_000)
    assert state.left_ms(9_000) == 1_000
    assert StreamState(Created("a/b", "a", expires_ms=5)).left_ms(7) == -2
    assert StreamState(TEXT).left_ms(10**15) is None


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted("TEXT/plain; charset=x", 5, None, False), True),
        (Wanted("text/html", 5, None, False), False),
        (Wanted(None, 5, None, False), False),
        (Wanted("text/plain", 6, None, False), False),
        (Wanted("text/plain", None, None, False), False),
        (Wanted("text/plain", 5, None, True), False),
        (Wanted("text/plain", 5, None, False, source="s"), False),
    ],
)
def test_a_stream_that_is_there_must_be_as_it_is_wanted(wanted: Wanted, fits: bool) -> None:
    state = StreamState(Created("text/plain", "a", ttl_s=5, at=0))
    if fits:
        wanted.confirm(state)
    else:
        with pytest.raises(StreamRefused):
            wanted.confirm(state)


@pytest.mark.parametrize(
    ("source", "asked", "gets"),
    [
        ((None, None), (None, None), (None, None)),
        ((None, None), (3, None), (3, None)),
        ((7, None), (None, None), (7, None)),
        ((7, None), (3, None), (3, None)),
        ((7, None), (None, 9), (None, 9)),
        ((None, 8), (None, None), (None, 8)),
        ((None, 8), (3, None), (3, None)),
        ((None, 8), (None, 9), (None, 9)),
    ],
)
def test_the_lifetime_of_a_fork(
    source: tuple[int | None, int | None], asked: tuple[int | None, int | None], gets: tuple[int | None, int | None]
) -> None:
    made = decide.create(
        Wanted(None, *asked, False, source="s"), "b", 1, (Source("s", "a", 0, 0, 0), Created("x/y", "a", *source))
    )
    assert (made.ttl_s, made.expires_ms) == gets
    assert (made.lineage, made.content_type) == ("a", "x/y")


def test_where_a_fork_begins() -> None:
    log = StreamLog("a")
    log.append(content.packed([b"1", b"22"]))
    log.append(content.packed([b"333"]))
    found = [decide.inherited_until(log, content.Kind.JSON, 0, sub) for sub in (0, 1, 2)]
    assert found == [0, 2, 5]
    assert decide.inherited_until(log, content.Kind.BINARY, 5, 3) == 8
    for kind, anchor, sub in ((content.Kind.JSON, 0, 3), (content.Kind.BINARY, 5, 5), (content.Kind.BINARY, 9, 1)):
        with pytest.raises(StreamRefused):
            decide.inherited_until(log, kind, anchor, sub)
    with pytest.raises(StreamRefused):
        decide.inherited_until(log, content.Kind.BINARY, 4, 0)


def test_a_source_knows_its_forks_until_they_are_released() -> None:
    state = StreamState(TEXT)
    assert decide.reference(state, "f", "e", 5).record is not None
    assert decide.reference(state, "f", "e", 6).record is None
    decide.delete(state)
    with pytest.raises(StreamRefused):
        decide.reference(state, "g", "e", 7)
    with pytest.raises(StreamRefused):
        text().decide(state, 1)
    assert decide.release(state, "f", "e").record is not None
    assert decide.release(state, "f", "e").record is None
    assert not state.forks
