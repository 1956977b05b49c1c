"""The JSON of a selftest."""

from __future__ import annotations

import json
from dataclasses import replace

from audit.selftest.case import Seen
from audit.selftest.export import SCHEMA, dumped, exported, figures, joined

from .outcomes import HOW, case, found, gaps


def test_everything_is_in_it() -> None:
    power = found((case("loses"), gaps("loss")), (case("stops"), Seen(error="broke")), (case(), gaps("stop")))
    told = json.loads(dumped(exported(power, HOW)))
    assert (told["schema"], told["mutants"], told["detected"], told["clean_runs"]) == (SCHEMA, 1, 1, 1)
    assert (told["false_alarms"], told["elsewhere"], told["exit"], told["partial"]) == (1, 0, 1, False)
    assert told["detection"] == {"rate": 1.0, "low": 0.2065, "high": 1.0}
    assert told["matrix"] == {"loses": {"loss": "found"}, "stops": {}}
    assert told["seeds"] == {"mutants": 3, "clean": [3]}
    assert told["not_measured"] == [{"audit": "stops", "why": "broke"}]
    assert told["planted"][0]["why"] == {"loss": "network-drop: loss <b>broke</b>"}
    assert told["clean"][0]["gaps"].keys() == {"stop"}
    assert (told["wall_s"], told["cpu_s"], told["rows"]) == (61.0, 100.3, [4, 8, 67])


def test_the_figures_of_a_release_are_small() -> None:
    power = found(*((case(seed=seed), gaps()) for seed in range(300)))
    told = figures(power, HOW)
    assert len(dumped(told)) < 2_000
    assert told["false_alarm_rate"] == {"rate": 0.0, "low": 0.0, "high": 0.0126}
    assert told["detection"]["rate"] is None


def test_two_selftests_of_one_version_measure_a_half_each() -> None:
    planted = figures(found((case("loses"), gaps("loss"))), HOW)
    clean = figures(found(*((case(seed=seed), gaps()) for seed in range(300))), replace(HOW, profile="quick"))
    both = joined(clean, planted)
    assert both == joined(planted, clean)
    assert (both["mutants"], both["clean_runs"], both["profile"], both["clean_profile"]) == (
        1,
        300,
        HOW.profile,
        "quick",
    )
    assert both["rows"] == planted["rows"]
    assert joined(clean, both) == both


def test_what_another_version_measured_does_not_stay() -> None:
    planted = figures(found((case("loses"), gaps("loss"))), HOW)
    clean = figures(found((case(), gaps())), replace(HOW, versions={"tool": "2", "ruleset": "2027.01"}))
    whole = figures(found((case("loses"), gaps("loss")), (case(), gaps())), HOW)
    assert joined(clean, planted) == clean
    assert joined(clean, {}) == clean
    assert joined(whole, joined(clean, {})) == whole
