from __future__ import annotations

from audit.load.churn import Churn, Storm
from audit.load.figures import Histogram
from audit.load.storms import OVER_S, Storms

CHURN = Churn(storms=(Storm(10.0), Storm(20.0)))


def delays(*values: float) -> Histogram:
    found = Histogram()
    found.add_all(values)
    return found


def test_a_storm_is_found_by_its_instant() -> None:
    storms = Storms(CHURN, 100.0)
    first = storms.at(10.0)
    assert first is not None
    assert first.at == 110.0
    assert storms.at(10.1) is None


def test_what_became_of_a_storm() -> None:
    storms = Storms(CHURN, 100.0)
    first = storms.at(10.0)
    assert first is not None
    first.cut, first.refused = 2, 3
    first.caught_up(111.0)
    storms.live(delays(5.0), 111.0)
    first.caught_up(112.0)
    storms.live(delays(7.0), 113.0)  # everybody is back
    told = storms.dump()
    assert [row["at_s"] for row in told] == [10.0, 20.0]
    assert (told[0]["devices"], told[0]["refused"]) == (2, 3)
    recovery, live = Histogram.load(told[0]["recovery"]), Histogram.load(told[0]["live"])
    assert (recovery.count, recovery.largest) == (2, 2_000.0)
    assert (live.count, live.largest) == (1, 5.0)
    assert told[1]["devices"] == 0


def test_a_storm_that_nobody_comes_back_from_is_over_some_time() -> None:
    storms = Storms(CHURN, 0.0)
    first = storms.at(10.0)
    assert first is not None
    first.cut = 1
    assert not first.going_on(9.9)
    assert first.going_on(10.0 + OVER_S / 2)
    assert not first.going_on(10.0 + OVER_S)
