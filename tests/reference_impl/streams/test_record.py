from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.producer import Stamp
from reference_impl.streams.record import (
    Appended,
    Created,
    Deleted,
    Forked,
    Record,
    Released,
    Source,
    Touched,
    UnreadableRecord,
    decode,
    encode,
)

NUMBERS = st.integers(0, 2**53)
STAMPS = st.builds(Stamp, st.text(), NUMBERS, NUMBERS)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        Created,
        st.text(),
        st.text(),
        st.none() | NUMBERS,
        st.none() | NUMBERS,
        st.none() | st.builds(Source, st.text(), st.text(), NUMBERS, NUMBERS, NUMBERS),
        st.none() | NUMBERS,
    ),
    st.builds(Appended, st.binary(), st.booleans(), st.none() | STAMPS, st.none() | st.text(), st.none() | NUMBERS),
    st.builds(Touched, NUMBERS),
    st.builds(Forked, st.text(), st.text(), NUMBERS),
    st.builds(Released, st.text(), st.text()),
    st.just(Deleted()),
)


@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert decode(encode(record)) == record


@pytest.mark.parametrize(
    "stored",
    [
        *(b"", b"x", b"[]\n", b"{}\n", b'{"kind":"new"}\n', b'{"kind":"touch"}\n', b'{"kind":"append","by":[1]}\n'),
        b'{"kind":"create","version":2,"content_type":"a/b","lineage":"a"}\n',
    ],
)
def test_what_cannot_be_read_is_named(stored: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        decode(stored)
