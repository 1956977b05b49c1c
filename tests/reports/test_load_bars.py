from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audit.load.result import Quantiles
from reports.load_bars import WIDTH, ruler

from .load_runs import quantiles


def test_bars_of_one_table_share_an_axis() -> None:
    found = ruler((quantiles(10.0), quantiles(100.0)))
    low, high = found.bar(quantiles(10.0)), found.bar(quantiles(100.0))
    assert low and high
    assert low.p50 < (low.p95 or 0) < (low.p99 or 0) < WIDTH
    assert low.p50 < high.p50
    assert low.ticks == high.ticks


def test_no_median_no_bar_and_no_tail_without_samples() -> None:
    found = ruler((quantiles(10.0),))
    assert found.bar(Quantiles(0, None, None, None, None, None)) is None
    few = found.bar(quantiles(10.0, count=5))
    assert few and few.p95 is None and few.p99 is None


@given(st.lists(st.floats(0.01, 1e7), min_size=1, max_size=6))
def test_ticks_never_cover_each_other(medians: list[float]) -> None:
    found = ruler(map(quantiles, medians))
    assert 1 <= len(found.ticks) <= 4
    assert all(b[0] - a[0] >= 35 for a, b in pairwise(found.ticks))
