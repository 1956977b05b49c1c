from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.load.capacity_result import CapacityResult, Rung, dump_capacity, verdict

from .samples import quantiles


def rung(devices: int, **more: Any) -> Rung:
    delay = quantiles(5.0, 9.0, None)
    return Rung(devices, devices * 5.0, devices * 90, 10, 0, 0, delay, delay, 0.2, **more)


HELD = CapacityResult(
    tool="durable-audit 0.1.0",
    created="2026-11-20T12:00:00Z",
    argv=("durable-audit", "capacity"),
    seed=7,
    target={"name": "chat"},
    plan={},
    step_s=30.0,
    limit_ms=1_000.0,
    planned=(100, 200),
    rungs=(rung(100), rung(200)),
    ended="held",
    why="it held 200 devices",
    knee=None,
    model=None,
)
GATE = "stop_delay_p99_ms < 1000"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"ended": "broke", "why": "broke at 200 devices"}, 1),
        ({"ended": "void", "why": "the generator gave out"}, 3),
        ({"ended": "interrupted", "why": "interrupted at 200 devices", "rungs": ()}, 130),
        ({"rungs": (rung(100, unjudged=(GATE,)), rung(200))}, 0),
        ({"rungs": (rung(100, unjudged=(GATE,)), rung(200, unjudged=(GATE,)))}, 3),
    ],
)
def test_the_exit_code_says_how_it_ended(changes: dict[str, Any], code: int) -> None:
    assert verdict(replace(HELD, **changes))[0] == code


def test_a_gate_that_no_step_could_judge_is_named() -> None:
    never = replace(HELD, rungs=(rung(100, unjudged=(GATE,)),))
    assert verdict(never) == (3, f"could not be judged in any step: {GATE}")


def test_the_most_is_what_held() -> None:
    assert HELD.most == 200
    assert replace(HELD, rungs=(rung(100), rung(200, broke="late"))).most == 100
    assert replace(HELD, rungs=(rung(100, void="busy"),)).most is None


def test_it_is_plain_json_and_the_same_again() -> None:
    told = json.loads(dump_capacity(HELD))
    assert told["schema"] == "durable-audit/capacity/1"
    assert [row["devices"] for row in told["rungs"]] == [100, 200]
    assert dump_capacity(HELD) == dump_capacity(replace(HELD))
