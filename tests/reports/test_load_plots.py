from __future__ import annotations

from dataclasses import replace

from audit.load.result import LoadResult
from reports.load_plots import MOST_RANGES, Plot, alone, plots, thinned
from reports.load_series import series

from . import load_runs


def drawn(result: LoadResult) -> dict[str, Plot]:
    return {plot.title: plot for plot in plots(result, series(result))}


def test_which_charts_there_are() -> None:
    delays = ["Resume delay", "Caught-up delay", "Join delay", "First-item delay", "Item delay", "Stop delay"]
    assert list(drawn(load_runs.held())) == ["Devices connected", "Words per second", "Resumes per second", *delays]
    assert "Words lost, repeated, out of order" in drawn(load_runs.lossy())
    assert drawn(load_runs.empty()) == {}


def test_rates_and_refusals() -> None:
    words, resumes = (drawn(load_runs.lossy())[title] for title in ("Words per second", "Resumes per second"))
    assert words.lines[0].values[0] == 9_800.0
    assert [line.name for line in resumes.lines] == ["resumes/s", "refused/s"]
    assert resumes.lines[1].values[21] == 31.0
    assert (resumes.table[21][0], resumes.table[21][2]) == ("3:30 – 3:40", "31")


def test_a_mark_for_every_window_with_a_fault() -> None:
    lost, repeated, reordered = drawn(load_runs.lossy())["Words lost, repeated, out of order"].lines
    assert {at: value for at, value in enumerate(lost.values) if value} == {3: 7, 10: 14, 17: 21, 24: 28}
    assert {at: value for at, value in enumerate(repeated.values) if value} == {6: 3, 18: 3}
    assert {at: value for at, value in enumerate(reordered.values) if value} == {21: 12}
    assert len({line.shape for line in (lost, repeated, reordered)}) == 3


def test_a_band_leaves_out_what_too_few_samples_cannot_say() -> None:
    p50, p95, p99 = drawn(load_runs.held())["Stop delay"].lines
    assert None not in p50.values + p95.values
    assert set(p99.values) == {None}
    assert drawn(load_runs.held())["Stop delay"].table[0][4] == "–"


def test_a_measure_that_no_window_has_is_not_drawn() -> None:
    bare = tuple(replace(window, measures={}) for window in load_runs.held().windows)
    assert len(drawn(replace(load_runs.held(), windows=bare))) == 3


def test_summaries_tell_the_picture() -> None:
    found = drawn(load_runs.lossy())
    assert found["Words lost, repeated, out of order"].summary == (
        "Faults over time: 70 lost, 6 repeated, 12 reordered."
    )
    assert found["Resumes per second"].summary.startswith("Resumes per second over 300 s: resumes/s at most 500")


def test_thinning_is_said() -> None:
    assert thinned(series(load_runs.held())) == ""
    assert thinned(series(load_runs.long())).startswith("A point stands for 16 windows")


def test_what_fell_into_one_moment_makes_no_line_and_is_named() -> None:
    first, *rest = load_runs.held().windows
    rest = [replace(each, measures={"item_delay": each.measures["item_delay"]}) for each in rest]
    found = replace(load_runs.held(), windows=(first, *rest))
    assert [title for title in drawn(found) if "elay" in title] == ["Item delay"]
    told = alone(found, series(found))
    assert told.startswith("Resume delay, caught-up delay, ") and "were measured at one moment only" in told
    assert alone(load_runs.held(), series(load_runs.held())) == ""


def test_other_runs_stand_beside_where_they_were_measured_over_the_same_time() -> None:
    held, other = load_runs.held(), load_runs.stormy()
    found = {plot.title: plot for plot in plots(held, series(held), [("earlier", series(other))])}
    own, beside = found["Words per second"].lines
    assert (own.tone, beside.name, beside.tone) == ("accent", "earlier", "muted")
    assert [value is None for value in beside.values] == [False] * 6 + [True] * 24
    assert found["Item delay"].lines[3].name == "earlier p95"
    assert found["Devices connected"].lines[1:] == ()


def test_too_many_whiskers_are_none() -> None:
    few, many = (
        replace(
            load_runs.deployed(),
            windows=tuple(replace(load_runs.deployed().windows[0], at_s=10.0 * at) for at in range(number)),
            seconds=10.0 * number,
        )
        for number in (MOST_RANGES, MOST_RANGES + 1)
    )
    assert len(drawn(few)["Item delay"].lines[1].ranges) == MOST_RANGES
    assert drawn(many)["Item delay"].lines[1].ranges == ()


def test_tables_hold_the_intervals() -> None:
    assert drawn(load_runs.deployed())["Item delay"].table[0][2:4] == ("1.4 (1.26–1.54)", "3.92 (3.53–4.31)")
