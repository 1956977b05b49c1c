"""Each measured storm beside the simulated one, and what to set."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace

import pytest

from audit.load.churn import Churn, Storm
from audit.load.outlook import MODEL_NEEDS, Outlook, outlook
from audit.load.result import LoadResult, StormResult

from .samples import NOTHING, result


def stormy(*pairs: tuple[Storm, float | None], devices: int = 2_000, refused: int = 0) -> LoadResult:
    """A run whose storms were over after so many seconds."""
    storms = tuple(StormResult(storm.at_s, devices, seconds, refused, NOTHING) for storm, seconds in pairs)
    return result(plan=asdict(Churn(storms=tuple(storm for storm, _ in pairs))), storms=storms)


def found(run: LoadResult) -> Outlook:
    made = outlook(run)
    assert made is not None
    return made


AT_ONCE, SPREAD = Storm(20.0, 1.0, 0.5, 0.0), Storm(40.0, 1.0, 0.5, 8.0)


def test_a_storm_is_foretold_from_the_other_ones() -> None:
    told = found(stormy((AT_ONCE, 4.46), (SPREAD, 8.4)))  # 500 a second; then 8 s for what 500 a second do in 4
    first, second = told.forecasts
    assert second.proves and second.agree and second.rate.rate == pytest.approx(500, rel=0.01)
    assert second.modelled_s == pytest.approx(0.5 + 0.99 * 8.0, abs=0.05)
    assert first.proves and first.rate.at_least  # the other storm never reached the limit


def test_a_storm_that_goes_otherwise_than_foretold_is_said_to() -> None:
    told = found(stormy((AT_ONCE, 4.46), (SPREAD, 16.0)))
    assert not told.forecasts[1].agree
    assert "measured 16 s, modelled 15 s" not in told.forecasts[1].told


def test_a_single_storm_proves_nothing_about_its_own_rate() -> None:
    (only,) = found(stormy((AT_ONCE, 4.46))).forecasts
    assert only.agree and not only.proves


def test_what_to_set_for_this_crowd_and_a_larger_one() -> None:
    small, large = found(stormy((AT_ONCE, 4.46))).settings
    assert (small.devices, large.devices) == (2_000, 20_000)
    assert small.backoff.startswith("server-sent") and large.backoff.startswith("server-sent")
    assert "instead of" in large.gain and "waits" in large.cost


def test_a_crowd_that_fits_into_a_second_needs_no_setting() -> None:
    small, _ = found(stormy((AT_ONCE, 0.9))).settings
    assert small.backoff == "" and "within a second" in small.gain


def test_a_target_that_refused_has_no_room_for_all() -> None:
    slow = Storm(20.0, 1.0, 3.0, 0.0)  # whoever is refused comes again three seconds later
    roomy, tight = (found(stormy((slow, 6.96), refused=refused)).forecasts[0] for refused in (0, 500))
    assert roomy.modelled_s == pytest.approx(6.96, abs=0.05)
    assert tight.modelled_s is not None and tight.modelled_s > 7.5


def test_without_a_storm_or_in_a_void_run_there_is_nothing_to_say() -> None:
    assert outlook(result()) is None
    assert outlook(replace(stormy((AT_ONCE, 4.46)), void="the generator was busy")) is None


def test_a_storm_that_was_never_over_gives_no_rate() -> None:
    told = found(stormy((AT_ONCE, None)))
    assert (told.rate, told.forecasts, told.settings) == (None, (), ())
    assert "no storm was recovered from" in told.why_not


def test_one_that_was_never_over_is_still_held_to_the_rate_of_the_other() -> None:
    first, second = found(stormy((AT_ONCE, 4.46), (SPREAD, None))).forecasts
    assert first.agree and not first.proves
    assert not second.agree and second.proves and "measured never" in second.told


def test_without_numpy_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("audit.load.stampede", "audit.load.storm", "audit.load.backoff"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    told = found(stormy((AT_ONCE, 4.46)))
    assert told.why_not == MODEL_NEEDS
    assert told.rate is not None and told.forecasts == ()
