from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import Oversized, ProtocolError
from audit.inflate import INFLATED_LIMIT, inflater


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_what_is_not_encoded_is_left_alone(encoding: str) -> None:
    assert inflater(encoding)(b"\x1f\x8bplain") == b"\x1f\x8bplain"


@given(st.binary(max_size=2_000), st.integers(1, 50), st.sampled_from(["gzip", "x-gzip", "GZIP", "deflate"]))
def test_it_inflates_however_it_was_cut(data: bytes, size: int, encoding: str) -> None:
    packed = zlib.compress(data) if encoding == "deflate" else gzip.compress(data)
    inflate = inflater(encoding)
    assert b"".join(inflate(packed[at : at + size]) for at in range(0, len(packed), size)) == data


def test_a_coding_that_was_not_asked_for_is_named() -> None:
    with pytest.raises(ProtocolError, match="Content-Encoding 'br'"):
        inflater("br")


def test_what_does_not_inflate_is_said_to() -> None:
    with pytest.raises(ProtocolError, match="says gzip but does not inflate"):
        inflater("gzip")(b"plain text, not gzip")


def test_a_bomb_is_not_unpacked() -> None:
    engine = zlib.compressobj(9)
    bomb = b"".join(engine.compress(bytes(1 << 20)) for _ in range(64)) + engine.flush()
    assert len(bomb) < 100_000
    with pytest.raises(Oversized, match=str(INFLATED_LIMIT)):
        inflater("deflate")(bomb)
