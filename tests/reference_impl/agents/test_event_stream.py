from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.agents.event_stream import EventStream, TooLong

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)


def decoded(body: bytes, cuts: list[int]) -> list[str]:
    stream, places = EventStream(), [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(places)]
    return [data for piece in pieces for data in stream.feed(piece)]


@given(
    st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.lists(st.integers(0, 1 << 16), max_size=6),
)
def test_whole_events_come_out_wherever_the_bytes_are_cut(
    events: list[list[str]], end: str, marked: bool, cuts: list[int]
) -> None:
    text = "".join(f": note{end}event: x{end}" + "".join(f"data: {line}{end}" for line in e) + end for e in events)
    body = (b"\xef\xbb\xbf" if marked else b"") + text.encode() + b": the last end of a line is seen with what follows"
    assert decoded(body, cuts) == ["\n".join(lines) for lines in events]


def test_an_event_that_is_not_whole_is_not_given() -> None:
    stream = EventStream()
    assert list(stream.feed(b"data: half\n")) == []
    assert list(stream.feed(b"\n")) == ["half"]
    assert list(stream.feed(b"data:no blank\n\nid: 1\n\n")) == ["no blank"]


def test_what_never_ends_is_refused() -> None:
    stream = EventStream()
    with pytest.raises(TooLong):
        for _ in range(100):
            list(stream.feed(b"data: " + b"x" * 65_536))
