from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.storage.frame import lead, pack, unpack

WORDS = st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))


@given(WORDS, st.lists(st.binary()))
def test_what_was_packed_is_unpacked(words: list[str], bodies: list[bytes]) -> None:
    assert unpack(pack(words, bodies)) == (words, tuple(bodies))
    assert pack(words, bodies) == lead(words, bodies) + b"".join(bodies)


@pytest.mark.parametrize("message", [b"", b"a", b"a 1\n", b"a 1,\nx", b"a -1\n", b"a x\n", b"a 1\nxy", b"\xff 1\nx"])
def test_anything_else_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(message)
