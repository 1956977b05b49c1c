"""Bytes as a network cuts them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T", str, bytes)


def pieces(data: T, cuts: Sequence[int] = ()) -> Iterator[T]:
    """The data in pieces, none of them empty."""
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return (data[start:end] for start, end in itertools.pairwise(places) if start < end)
