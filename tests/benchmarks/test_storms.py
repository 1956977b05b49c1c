"""The comparison of `benchmarks.storms`, on numbers that are known; and one small storm, measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.load.service import Service
from benchmarks.storms import Run, foretold, measured, scaled

SMALL = Run(1_000, 0.0, 1.49, 0, 0, 0.2, 0.0, "", Service(1_000.0, False))
LARGE = Run(4_000, 0.0, 7.5, 0, 0, 0.8, 0.0, "", Service(566.0, False))


def test_a_spread_is_foretold_from_the_same_crowd_without_one() -> None:
    spread = replace(SMALL, spread_s=3.0, recovered_s=3.5, rate=None)
    (row,) = foretold([SMALL, spread, LARGE])
    assert (row.devices, row.spread_s, row.rate, row.agree) == (1_000, 3.0, 1_000, True)
    assert row.modelled_s == pytest.approx(0.5 + 0.99 * 3.0, abs=0.05)


def test_a_larger_crowd_is_foretold_with_and_without_its_live_streams() -> None:
    plain, live = scaled([SMALL, LARGE])
    assert plain.modelled_s == pytest.approx(0.5 + 0.99 * 4.0, abs=0.05) and not plain.agree
    assert live.live == 0.8 and live.modelled_s is not None and live.modelled_s > 7.0 and live.agree


def test_a_void_run_says_nothing() -> None:
    assert list(foretold([replace(SMALL, void="busy"), replace(SMALL, spread_s=3.0)])) == []
    assert list(scaled([replace(SMALL, void="busy")])) == []


@pytest.mark.sockets
def test_a_storm_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.storms.AT_S", 5.0)
    monkeypatch.setattr("benchmarks.storms.AFTER_S", 2.0)
    run = measured(40, 0.2, seed=1)
    assert (run.devices, run.lost) == (40, 0)
    assert run.recovered_s is not None and 0.5 < run.recovered_s < 2.0
    assert run.rate is not None and run.rate.at_least
    assert 0.0 <= run.live < 0.5
