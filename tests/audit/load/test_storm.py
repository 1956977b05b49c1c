from __future__ import annotations

from dataclasses import replace

import pytest

from audit.load.backoff import KINDS, Backoff
from audit.load.churn import PRESETS
from audit.load.churn import Storm as PlannedStorm
from audit.load.stampede import Outcome, Stampede, simulate
from audit.load.storm import as_planned, compare, recommend, table, usual

from .samples import storm

CROWD = Stampede(10_000, 500, 500)


def outcome(p99_s: float | None) -> Outcome:
    return Outcome(1_000, 1_000, p99_s, p99_s, 1_000, 0, 0, 0, 1_000, 0.001, 60.0)


def test_the_usual_policies_are_one_of_each_kind() -> None:
    assert tuple(each.kind for each in usual(CROWD)) == KINDS


def test_the_advice_keeps_the_bound_and_is_sooner_than_what_is_done_today() -> None:
    advice = recommend(CROWD, peak_per_s=1_000)
    assert advice is not None
    assert advice.outcome.peak_per_s <= 1_000 < advice.today.peak_per_s
    assert advice.outcome.p99_s is not None and advice.today.p99_s is not None
    assert CROWD.least_s * 0.99 <= advice.outcome.p99_s <= CROWD.least_s * 1.1 < advice.today.p99_s
    assert advice.backoff.kind == "server-sent"
    assert f"instead of {advice.today.p99_s:.0f} s" in advice.gain
    assert "a crash names none" in advice.cost


def test_without_the_servers_help_the_advice_is_one_that_devices_can_follow() -> None:
    advice = recommend(CROWD, 1_000, kinds=KINDS[:-1])
    assert advice is not None and advice.backoff.kind != "server-sent"
    assert advice.outcome.peak_per_s <= 1_000
    assert advice.cost.startswith(f"a single device that loses its connection waits {advice.backoff.alone_s():.0f} s")


def test_a_bound_that_nothing_keeps_gets_no_advice() -> None:
    assert recommend(CROWD, peak_per_s=100) is None


def test_a_wider_bound_is_never_slower() -> None:
    found = [recommend(CROWD, bound) for bound in (700, 1_000, 20_000)]
    times = [each.outcome.p99_s for each in found if each is not None and each.outcome.p99_s]
    assert len(times) == 3
    assert times[1] <= times[0] * 1.03 and times[2] <= times[1] * 1.03  # alike within what counts as the same


def test_a_planned_storm_is_one_whose_retry_the_plan_names() -> None:
    devices, backoff = as_planned(PlannedStorm(20.0, share=0.5, away_s=0.5, jitter_s=2.0), 1_000)
    assert (devices, backoff) == (500, Backoff("server-sent", 0.5, spread_s=2.0))
    assert as_planned(PRESETS["deploy"].storms[0], 10)[0] == 10


@pytest.mark.parametrize(
    ("measured", "modelled", "ratio", "agree"),
    [
        (2.0, 2.0, 1.0, True),
        (2.4, 2.0, 1.2, True),
        (3.0, 2.0, 1.5, False),
        (1.0, 2.0, 0.5, False),
        (0.3, 0.1, 3.0, True),  # closer than a blink
        (None, 2.0, None, False),
        (2.0, None, None, False),
        (None, None, None, True),
    ],
)
def test_a_measured_storm_is_held_to_the_model(
    measured: float | None, modelled: float | None, ratio: float | None, agree: bool
) -> None:
    found = compare(storm(measured), outcome(modelled))
    assert found.ratio == (pytest.approx(ratio) if ratio else None)
    assert found.agree is agree
    assert ("never" in found.told) == (None in (measured, modelled))


def test_the_table_has_a_row_for_each_policy() -> None:
    rows = [(each, simulate(CROWD, each, bins=500)) for each in usual(CROWD)]
    lines = table(CROWD, rows).splitlines()
    assert "No policy is done before 20 s." in lines[0]
    assert len(lines) == 3 + len(rows)
    assert len({len(line) for line in lines[2:]}) == 1
    never = replace(rows[0][1], p99_s=None, all_s=None, end_s=332.0)
    assert "over 332 s" in table(CROWD, [(rows[0][0], never)])
