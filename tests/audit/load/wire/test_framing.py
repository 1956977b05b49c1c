"""A message of another length in the frame of the one before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.wire.framing import reframed


def websocket(payload: bytes) -> bytes:
    size = len(payload)
    return (bytes((0x81, size)) if size < 126 else bytes((0x81, 126)) + size.to_bytes(2, "big")) + payload


def chunk(payload: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(payload), payload)


@pytest.mark.parametrize("framed", [websocket, chunk])
@given(before=st.integers(1, 300), after=st.integers(1, 300))
def test_it_is_framed_as_the_other_side_would_or_not_at_all(
    framed: Callable[[bytes], bytes], before: int, after: int
) -> None:
    whole, right = framed(b"x" * before), framed(b"y" * after)
    head = whole[: whole.index(b"x")]
    same_head = len(head) == right.index(b"y")
    found = reframed(whole, head + right[right.index(b"y") :])
    assert found == (right if same_head and (framed is chunk or max(before, after) < 126) else None)


@pytest.mark.parametrize(
    "whole", [b"id: e:9\ndata: {}\n\n", b"\x89\x02hi", b"5\r\nabc\r\n", b"0x3\r\nabc\r\n", b"03\r\nabc\r\n"]
)
def test_what_is_framed_otherwise_is_not_guessed(whole: bytes) -> None:
    assert reframed(whole, whole + b"!") is None
