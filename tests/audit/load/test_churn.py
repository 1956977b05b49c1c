from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.churn import CUTS, PRESETS, STEPS, Act, Churn, Schedule, Storm, fitted, schedule

SHAPES = ("constant", "ramp", "step", "spike")

churns = st.builds(
    Churn,
    devices=st.integers(1, 40),
    seconds=st.floats(5, 120),
    shape=st.sampled_from(SHAPES),
    per_session=st.integers(1, 5),
    words=st.integers(1, 60),
    pace_ms=st.floats(10, 500),
    drop_every_s=st.sampled_from([0.0, 2.0, 20.0]),
    away_s=st.sampled_from([0.0, 0.5, 3.0]),
    stay_s=st.sampled_from([0.0, 5.0]),
    stop_share=st.floats(0, 1),
    steer_share=st.floats(0, 1),
    slow_share=st.floats(0, 1),
    storms=st.sampled_from([(), (Storm(at_s=3.0),), (Storm(2.0, 0.5), Storm(4.0))]),
)


def of(plan: Schedule, what: str) -> list[Act]:
    return [act for act in plan.acts if act.what == what]


@given(churns, st.integers(0, 1_000))
def test_the_same_seed_gives_the_same_plan(churn: Churn, seed: int) -> None:
    assert schedule(churn, seed) == schedule(churn, seed)


def test_another_seed_gives_another_plan() -> None:
    assert schedule(Churn(), 1) != schedule(Churn(), 2)


@given(churns, st.integers(0, 1_000), st.integers(1, 5))
def test_the_parts_add_up_to_the_whole(churn: Churn, seed: int, parts: int) -> None:
    whole = schedule(churn, seed)
    pieces = [schedule(churn, seed, part, parts) for part in range(parts)]
    assert sorted((s for piece in pieces for s in piece.seats), key=lambda seat: seat.device) == list(whole.seats)
    acts = sorted((a for piece in pieces for a in piece.acts), key=lambda act: (act.at_s, act.device))
    assert acts == list(whole.acts)
    sessions = [{seat.session for seat in piece.seats} for piece in pieces]
    assert sum(map(len, sessions)) == len(set().union(*sessions))  # none is in two processes


@given(churns, st.integers(0, 1_000))
def test_a_plan_keeps_its_own_laws(churn: Churn, seed: int) -> None:
    plan = schedule(churn, seed)
    assert [act.at_s for act in plan.acts] == sorted(act.at_s for act in plan.acts)
    assert len(plan.seats) == churn.devices
    assert all(act.at_s >= 0 for act in plan.acts)
    arrived = {act.device: act.at_s for act in of(plan, "arrive")}
    assert set(arrived) == {seat.device for seat in plan.seats}
    assert all(act.at_s >= arrived[act.device] for act in plan.acts)
    asking = {seat.device for seat in plan.seats if seat.asks}
    assert len(asking) == len({seat.session for seat in plan.seats})
    assert {act.device for act in (*of(plan, "prompt"), *of(plan, "stop"))} <= asking
    assert not {act.device for act in of(plan, "leave")} & asking
    assert all(act.at_s + churn.run_s <= churn.seconds + 1e-9 for act in of(plan, "prompt"))
    assert plan.prompts() == len(of(plan, "prompt"))
    assert plan.resumes() == len(of(plan, "drop"))


@given(churns, st.integers(0, 1_000))
def test_a_session_asks_one_thing_after_the_other(churn: Churn, seed: int) -> None:
    plan = schedule(churn, seed)
    for seat in plan.seats:
        asked = [act for act in of(plan, "prompt") if act.device == seat.device]
        assert [act.number for act in asked] == list(range(len(asked)))
        assert all(b.at_s - a.at_s >= churn.run_s for a, b in itertools.pairwise(asked))
        stops = [act for act in of(plan, "stop") if act.device == seat.device]
        steers = [act for act in of(plan, "steer") if act.device == seat.device]
        assert all(asked[s.number].at_s < s.at_s < asked[s.number].at_s + churn.run_s for s in (*stops, *steers))


def test_nobody_drops_without_drops() -> None:
    assert not of(schedule(Churn(drop_every_s=0.0), 1), "drop")


def test_shares_come_out_as_asked() -> None:
    churn = Churn(
        devices=2_000,
        seconds=300,
        stop_share=0.2,
        steer_share=0.1,
        slow_share=0.3,
        cuts=(0.5, 0.3, 0.2),
        drop_every_s=10,
    )
    plan = schedule(churn, 7)
    watching = [seat for seat in plan.seats if not seat.asks]
    assert sum(seat.slow for seat in watching) / len(watching) == pytest.approx(0.3, abs=0.05)
    assert not any(seat.slow for seat in plan.seats if seat.asks)
    assert len(of(plan, "stop")) / plan.prompts() == pytest.approx(0.2, abs=0.02)
    assert len(of(plan, "steer")) / plan.prompts() == pytest.approx(0.1, abs=0.02)
    drops = of(plan, "drop")
    for cut, share in zip(CUTS, churn.cuts, strict=True):
        assert sum(act.cut == cut for act in drops) / len(drops) == pytest.approx(share, abs=0.02)
    assert sum(act.away_s for act in drops) / len(drops) == pytest.approx(churn.away_s, rel=0.05)


def test_drops_come_as_often_as_asked() -> None:
    churn = Churn(devices=1_000, seconds=600, drop_every_s=20, away_s=1.0)
    drops = len(of(schedule(churn, 3), "drop"))
    per_device_s = churn.seconds / (drops / churn.devices)
    assert per_device_s == pytest.approx(20 + 1.0 + 0.5, rel=0.05)  # the wait, the time away, and a breath


def test_a_storm_cuts_its_share_at_its_instant() -> None:
    churn = Churn(devices=1_000, seconds=60, drop_every_s=0, storms=(Storm(30.0, share=0.5, away_s=1.0, jitter_s=2.0),))
    cut = of(schedule(churn, 1), "drop")
    assert len(cut) / churn.devices == pytest.approx(0.5, abs=0.05)
    assert {act.at_s for act in cut} == {30.0}
    assert {act.cut for act in cut} == {"rst"}
    assert all(1.0 <= act.away_s <= 3.0 for act in cut)


def test_a_storm_spares_who_is_not_there_yet() -> None:
    churn = Churn(devices=200, seconds=100, shape="ramp", drop_every_s=0, storms=(Storm(35.0),))
    plan = schedule(churn, 1)
    there = {act.device for act in of(plan, "arrive") if act.at_s < 35.0}
    assert {act.device for act in of(plan, "drop")} == there
    assert len(there) / 200 == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_session_arrives_together(shape: str) -> None:
    churn = Churn(devices=100, seconds=60, shape=shape, per_session=5)  # type: ignore[arg-type]
    plan = schedule(churn, 1)
    session = {seat.device: seat.session for seat in plan.seats}
    instants = {(session[act.device], act.at_s) for act in of(plan, "arrive")}
    assert len(instants) == 20


def arrivals(shape: str) -> list[float]:
    churn = Churn(devices=1_000, seconds=100, shape=shape, per_session=1)  # type: ignore[arg-type]
    return [act.at_s for act in of(schedule(churn, 1), "arrive")]


def test_shapes() -> None:
    constant, ramp, step, spike = (arrivals(shape) for shape in SHAPES)
    assert max(constant) <= 10
    assert max(ramp) <= 70
    assert sum(at < 35 for at in ramp) == pytest.approx(500, abs=60)
    assert len({int(at // (80 / STEPS)) for at in step}) == STEPS
    assert sum(at < 100 / 3 for at in spike) == pytest.approx(200, abs=50)
    assert all(at < 10 or 100 / 3 <= at <= 100 / 3 + 2 for at in spike)


def test_leaving_devices_are_replaced_now_and_then() -> None:
    churn = Churn(devices=400, seconds=200, per_session=2, stay_s=20)
    left = len(of(schedule(churn, 1), "leave"))
    assert left / 200 == pytest.approx(200 / 21, rel=0.1)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_make_plans(name: str) -> None:
    plan = schedule(replace(PRESETS[name], devices=50), 1)
    assert plan.prompts()
    assert plan.resumes()


def test_a_preset_is_changed_only_where_something_is_given() -> None:
    changed = fitted(PRESETS["office"], devices=7, seconds=None)
    assert changed == replace(PRESETS["office"], devices=7)
