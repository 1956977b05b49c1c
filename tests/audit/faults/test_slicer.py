from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audit.faults import Slicer
from audit.faults.base import Forward

from .drive import Data, Trace, Wait, begin, drive
from .settings_of import LAW


def slices(trace: Trace) -> list[tuple[int, bytes]]:
    """(microseconds after the start, bytes)."""
    return [((a.at_ns - trace.start_ns) // 1_000, a.data) for a in trace.actions if isinstance(a, Forward)]


def test_a_chunk_leaves_in_slices_with_a_delay_between_them() -> None:
    trace = drive(begin(Slicer(3, delay_us=200)), [Data(b"abcdefgh")])
    assert slices(trace) == [(0, b"abc"), (200, b"def"), (400, b"gh")]


def test_the_delay_holds_between_chunks_too() -> None:
    trace = drive(begin(Slicer(3, delay_us=2_000)), [Data(b"abc"), Wait(1), Data(b"def"), Wait(10), Data(b"ghi")])
    assert slices(trace) == [(0, b"abc"), (2_000, b"def"), (11_000, b"ghi")]


@LAW
@given(st.integers(0, 2**32), st.binary(min_size=1, max_size=400))
def test_sizes_vary_within_their_bounds(seed: int, data: bytes) -> None:
    sizes = [len(piece) for _, piece in slices(drive(begin(Slicer(10, 4), seed=seed), [Data(data)]))]
    assert all(6 <= size <= 14 for size in sizes[:-1])
    assert 1 <= sizes[-1] <= 14


def test_sizes_do_vary() -> None:
    sizes = {len(piece) for _, piece in slices(drive(begin(Slicer(10, 4)), [Data(bytes(4_000))]))}
    assert sizes >= set(range(6, 15))


def test_a_chunk_that_fits_in_a_slice_is_not_touched() -> None:
    trace = drive(begin(Slicer(3)), [Data(b"abc")])
    assert trace.untouched
    assert not trace.struck


def test_it_can_be_one_way() -> None:
    assert Slicer(3, direction="up").begin("down", Random(0)) is None
