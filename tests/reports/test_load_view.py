from __future__ import annotations

from dataclasses import replace

from audit.finding import Verdict
from audit.load.result import GateResult
from reports.load_view import command, gates, page

from . import load_runs


def test_the_command_takes_the_seed_along() -> None:
    held = load_runs.held()
    assert command(held).endswith("--seconds 300 --seed 7")
    assert command(replace(held, argv=("x", "--seed", "9"))) == "x --seed 9"
    assert command(replace(held, argv=("x", "--seed=9"))) == "x --seed=9"
    assert command(replace(held, argv=("x", "a b; rm"))) == "x 'a b; rm' --seed 7"
    assert command(load_runs.empty()) == ""


def test_failed_gates_come_first() -> None:
    found = gates(load_runs.lossy())
    assert [gate.verdict for gate in found] == [Verdict.GAP, Verdict.GAP, Verdict.INCONCLUSIVE, Verdict.PASS]
    assert gates(replace(load_runs.void(), gates=(GateResult("lost == 0", 0.0, True),)))[0].word == "not judged (void)"


def test_the_plan_in_words() -> None:
    plan = dict(page(load_runs.stormy()).plan)
    assert plan["devices at the peak"] == "5000"
    assert plan["s between two drops of a device, mean"] == "60"
    assert plan["storm 2"] == "at 40 s, share 1, away 1 s and up to 0.5 s more"


def test_figures_to_be_seen_first() -> None:
    tiles = {tile.label: (tile.value, tile.bad) for tile in page(load_runs.lossy()).tiles}
    assert tiles["lost"] == ("70", True)
    assert tiles["resumes"] == ("119,777", False)
    assert tiles["resume delay, p95"] == ("2.35 s", False)


def test_a_void_run_is_compared_with_nobody_in_its_headline() -> None:
    assert page(load_runs.void(), load_runs.reference()).asides == ()
    assert page(load_runs.lossy(), load_runs.void()).asides == ()
