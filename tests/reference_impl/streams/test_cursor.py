from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.streams import cursor

TIMES = st.integers(1_728_432_000, 4_000_000_000)


@given(TIMES, st.integers(0, 10**14))
def test_no_cursor_goes_back_or_stands_still(now_s: int, echoed: int) -> None:
    told = max(cursor.interval(now_s), cursor.floor(str(echoed), now_s))
    assert told > echoed
    if echoed < cursor.interval(now_s):
        assert told == cursor.interval(now_s)  # shared by all that are not ahead
    else:
        assert 1 <= told - echoed <= 180


def test_time_is_counted_in_intervals_of_20_seconds_from_a_day_in_2024() -> None:
    assert [cursor.interval(1_728_432_000 + seconds) for seconds in (0, 19.9, 20, 41)] == [0, 0, 1, 2]


@pytest.mark.parametrize("echoed", [None, "", "abc", "-1", "²", "9" * 16])
def test_what_is_no_cursor_is_ignored(echoed: str | None) -> None:
    assert cursor.floor(echoed, 1_800_000_000) == 0
