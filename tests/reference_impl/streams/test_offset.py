from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.errors import Refused
from reference_impl.streams import offset

POSITIONS = st.integers(0, 10**16 - 1)
LINEAGES = st.from_regex(r"[0-9a-z]{1,32}", fullmatch=True).filter(lambda text: text.strip("0") != "")


@given(LINEAGES, POSITIONS, POSITIONS)
def test_offsets_come_back_and_sort_as_positions_do(lineage: str, one: int, other: int) -> None:
    first, second = offset.dump(lineage, one), offset.dump(lineage, other)
    assert offset.load(first, lineage) == one
    assert (first < second) == (one < other)
    assert first not in (offset.START, offset.NOW)


@given(POSITIONS.filter(bool))
def test_an_offset_of_another_stream_is_named(position: int) -> None:
    for other in ("b", "0"):
        with pytest.raises(Refused) as refused:
            offset.load(offset.dump(other, position), "a")
        assert (refused.value.code, refused.value.status) == ("foreign-offset", 410)


def test_the_beginning_is_the_same_for_all() -> None:
    assert offset.load("0000000000000000_0000000000000000", "a1") == 0


@pytest.mark.parametrize("text", ["", "1", "a,b", "0_0", "../x", "0000000000000000_0000000000000000\n"])
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(Refused) as refused:
        offset.load(text, "a")
    assert refused.value.status == 400
