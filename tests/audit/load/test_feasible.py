from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.churn import PRESETS, Churn, Storm, schedule
from audit.load.feasible import MAX_DEVICES, Crew, problems_of
from audit.load.machine import Machine

BIG = Machine(math.inf, 10**9)


def wrong(churn: Churn = Churn(), crew: Crew = Crew(), machine: Machine = BIG) -> dict[str, str]:  # noqa: B008
    """What is said, by option; every problem once."""
    found = problems_of(churn, crew, machine)
    assert len({str(problem) for problem in found}) == len(found)
    return {problem.where: problem.what for problem in found}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_done(name: str) -> None:
    assert wrong(PRESETS[name]) == {}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("devices", (0, -1, MAX_DEVICES + 1)),
        ("per_session", (0, -3)),
        ("words", (0, -1, 10**9)),
        ("seconds", (0.0, -1.0, math.nan, math.inf)),
        *((name, (-0.1, math.nan, math.inf)) for name in ("pace_ms", "think_s", "drop_every_s", "away_s", "stay_s")),
        *((name, (-0.1, 1.1, math.nan)) for name in ("stop_share", "slow_share")),
        ("cuts", ((0.0, 0.0, 0.0), (1.0, -1.0, 0.5), (math.nan, 1.0, 1.0))),
    ],
)
def test_a_number_that_cannot_be_is_named_by_its_option(field: str, values: tuple[Any, ...]) -> None:
    for value in values:
        assert list(wrong(replace(Churn(), **{field: value}))) == ["--" + field.replace("_", "-")]


def test_every_problem_is_told_at_once() -> None:
    churn = Churn(
        devices=-5, seconds=30, away_s=-1, stop_share=2, slow_share=-1, drop_every_s=math.nan, pace_ms=-1, words=0,
        storms=(Storm(31.0),), deploys=(-1.0,),
    )  # fmt: skip
    assert set(wrong(churn, Crew(processes=0))) == {
        "--devices", "--away-s", "--stop-share", "--slow-share", "--drop-every-s", "--pace-ms", "--words", "--storm",
        "--deploy-at", "--processes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("at", "what"),
    [(-1.0, "not after the start"), (0.0, "not after the start"), (60.0, "after the end"), (math.nan, "not after")],
)
def test_storms_and_deploys_lie_within_the_load(at: float, what: str) -> None:
    assert what in wrong(Churn(storms=(Storm(at),)))["--storm"]
    assert what in wrong(Churn(deploys=(5.0, at)))["--deploy-at"]


def test_a_storm_of_a_preset_does_not_come_after_the_end_either() -> None:
    assert "40 s is after the end of the load (30 s)" in wrong(replace(PRESETS["deploy"], seconds=30))["--storm"]


def test_two_storms_at_one_instant_are_one_too_many() -> None:
    assert "twice" in wrong(Churn(storms=(Storm(5.0), Storm(5.0))))["--storm"]


@pytest.mark.parametrize("storm", [Storm(5.0, share=0.0), Storm(5.0, share=1.5), Storm(5.0, away_s=-1)])
def test_a_storm_cuts_somebody_for_some_time(storm: Storm) -> None:
    assert "--storm" in wrong(Churn(storms=(storm,)))


def test_an_answer_fits_into_the_load() -> None:
    assert "an answer takes 12 s" in wrong(Churn(seconds=10, words=60, pace_ms=200))["--seconds"]


def test_answers_without_time_or_pause_would_never_end() -> None:
    assert "--think-s" in wrong(Churn(pace_ms=0, think_s=0))
    assert wrong(Churn(pace_ms=0, think_s=0.5)) == {}


def test_plans_that_nobody_could_make_are_refused_before_they_are_made() -> None:
    assert "resumes a second" in wrong(Churn(devices=10_000, drop_every_s=0.5, away_s=0.1))["--drop-every-s"]
    assert "planned ahead" in wrong(Churn(devices=50_000, seconds=10**6))["--seconds"]
    assert "planned ahead" in wrong(Churn(words=1, pace_ms=0, think_s=1e-6))["--seconds"]


# -- the machine ------------------------------------------------------------------------------------------------------


def test_no_more_processes_than_sessions() -> None:
    assert "the 5 sessions" in wrong(Churn(devices=10, per_session=2), Crew(6))["--processes"]
    assert wrong(Churn(devices=10, per_session=2), Crew(5)) == {}


def test_more_devices_than_file_descriptors() -> None:
    few = Machine(1_024, 28_000)
    assert "need 2,200 file descriptors; the limit is 1,024" in wrong(Churn(devices=1_000), machine=few)["--devices"]
    assert wrong(Churn(devices=1_000), Crew(4), few) == {}
    assert wrong(Churn(devices=1_000), Crew(4, "worker"), few) == {}
    assert wrong(Churn(devices=1_000), Crew(1, "master"), few) == {}  # it holds none of them


def test_more_devices_than_local_ports() -> None:
    few = Machine(math.inf, 28_000)
    many = Churn(devices=40_000)
    assert "there are 28,000" in wrong(many, Crew(1), few)["--devices"]
    assert "there are 28,000" in wrong(many, Crew(2, loopback=True), few)["--devices"]
    assert wrong(many, Crew(1, loopback=True), few) == {}  # each 20,000 have a loopback address of their own
    assert wrong(many, Crew(2, "worker"), few) == {}


# -- what it lets through ---------------------------------------------------------------------------------------------

ANY = st.floats(allow_nan=True, allow_infinity=True)
NEARLY = st.one_of(st.floats(-1, 20), ANY)
churns = st.builds(
    Churn,
    devices=st.integers(-1, 60),
    seconds=st.one_of(st.floats(0, 40), ANY),
    shape=st.sampled_from(["constant", "ramp", "step", "spike"]),
    per_session=st.integers(-1, 5),
    words=st.integers(-1, 60),
    pace_ms=st.one_of(st.floats(-1, 400), ANY),
    think_s=NEARLY,
    drop_every_s=NEARLY,
    cuts=st.tuples(NEARLY, NEARLY, NEARLY),
    away_s=NEARLY,
    stay_s=NEARLY,
    stop_share=st.floats(-0.1, 1.1),
    slow_share=st.floats(-0.1, 1.1),
    storms=st.lists(st.builds(Storm, NEARLY, NEARLY, NEARLY, NEARLY), max_size=2).map(tuple),
)


@given(churns)
def test_whatever_is_let_through_makes_a_plan(churn: Churn) -> None:
    small = churn.seconds < 1_000 and not churn.run_s + churn.think_s < 0.01
    if not problems_of(churn, Crew(), BIG) and small:
        plan = schedule(churn, 1)
        assert len(plan.seats) == churn.devices
        assert all(math.isfinite(act.at_s) and act.away_s >= 0 for act in plan.acts)
