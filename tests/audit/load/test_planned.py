from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from audit.load.churn import PRESETS, Storm
from audit.load.planned import answer_s, planned_storms, played

from .samples import result, storm


def test_a_plan_gives_back_its_storms_and_how_long_answers_take() -> None:
    made = result(plan=asdict(PRESETS["deploy"]), storms=(storm(3.0),))
    assert planned_storms(made) == PRESETS["deploy"].storms
    assert answer_s(made) == PRESETS["deploy"].run_s
    assert played(made) == ((Storm(at_s=20.0), storm(3.0)),)  # the one at 40 s was not reached


@pytest.mark.parametrize(
    "storms",
    [None, "storm", 5, ["storm"], [{"at_s": 1.0}], [{"at_s": "1", "share": 1, "away_s": 1, "jitter_s": 1}],
     [{"at_s": float("nan"), "share": 1, "away_s": 1, "jitter_s": 1}],
     [{"at_s": 1.0, "share": 1, "away_s": -1, "jitter_s": 1}]],
)  # fmt: skip
def test_what_is_no_storm_is_left_out(storms: Any) -> None:
    assert planned_storms(result(plan={"storms": storms, "words": "many"})) == ()
    assert answer_s(result(plan={"storms": storms, "words": "many"})) == 0.0
