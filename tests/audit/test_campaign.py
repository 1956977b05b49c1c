from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audit import campaign
from audit.campaign import Cost, Order, audit, judge_again
from audit.errors import Unreachable
from audit.scenario import TWIN
from audit.store import RunStore, load_run

from .playing import QUICK, bench, reference, scenario

ONE, TWO = replace(scenario(id="one"), prompts=2, seconds=4.0), replace(scenario(id="two"), seconds=2.0)


def order(**changes: object) -> Order:
    return replace(Order((ONE, TWO), "quick", 7, 4), **changes)  # type: ignore[arg-type]


def test_an_order_plans_twins_first() -> None:
    assert [each.name for each in order().plans()] == [
        *("one-0", "two-0"),
        *("one-1", "two-1", "one-2", "two-2", "one-3", "two-3"),
    ]


def test_one_trial_is_played_again_with_its_twin_and_nothing_else() -> None:
    plans = order(trial=2).plans()
    assert [each.name for each in plans] == ["one-0", "two-0", "one-2", "two-2"]
    assert {each.number for each in plans} == {TWIN, 2}
    assert plans[2] in order().plans()
    assert [each.name for each in order(trial=99, scenarios=(ONE,)).plans()] == ["one-0", "one-99"]


def test_the_cost_counts_every_prompt_and_shares_the_time_among_the_jobs() -> None:
    cost = Cost.of(order())
    assert (cost.trials, cost.prompts, cost.seconds) == (8, 4 * 2 + 4 * 1, (4 * 4.0 + 4 * 2.0) / 4)
    assert Cost.of(order(jobs=1)).seconds == 24.0
    assert Cost.of(order(jobs=64)).seconds == 3.0  # never more at a time than there are


@pytest.mark.sockets
async def test_an_audit_leaves_a_run_behind_that_can_be_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[RunStore] = []
    async with reference('[auth]\nheaders = { Authorization = "Bearer s3cret-token" }\n') as made:
        monkeypatch.setattr(campaign, "bench_of", lambda target: replace(made, waits=QUICK))
        steps: list[str] = []
        store = await audit(
            made.target,
            order(scenarios=(ONE,)),
            tmp_path,
            ["durable-audit", "run", "x.toml"],
            "x.toml",
            lambda step: steps.append(step.plan.name),
            begun.append,
        )
    assert begun == [store] and sorted(steps) == [f"one-{number}" for number in range(4)]
    run = load_run(store.path)
    assert (run.meta.argv, run.meta.target_file) == (("durable-audit", "run", "x.toml"), "x.toml")
    assert (run.meta.seed, run.meta.profile, run.meta.plan) == (7, "quick", {"one": (0, 1, 2, 3)})
    assert run.meta.versions["durable-audit"] and run.meta.versions["platform"]
    assert not any("s3cret-token" in path.read_text(encoding="utf-8") for path in store.path.iterdir())
    first, second = judge_again(store.path, (ONE,)), judge_again(store.path, (ONE,))
    assert replace(first, created="") == replace(second, created="") and first.partial == ""
    assert {finding.verdict.value for finding in first.findings} <= {"pass", "not_applicable"}


@pytest.mark.sockets
async def test_nothing_that_answers_is_nothing_left_behind(tmp_path: Path) -> None:
    begun: list[RunStore] = []
    target = bench("http://127.0.0.1:9").target
    with pytest.raises(Unreachable):
        await audit(target, order(), tmp_path / "runs", [], "x.toml", lambda _: None, begun.append)
    assert not begun and not (tmp_path / "runs").exists()
