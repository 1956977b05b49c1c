"""Files of a load: the report holds the simulation beside its storms."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from audit.load.churn import Churn, Storm
from audit.load.result import StormResult
from audit.load_outputs import LoadOutputs, earlier

from .load.samples import NOTHING, result

STORM = Storm(20.0, 1.0, 0.5, 0.0)
STORMY = result(plan=asdict(Churn(storms=(STORM,))), storms=(StormResult(20.0, 2_000, 4.46, 0, NOTHING),))


def test_each_storm_stands_beside_the_simulated_one(tmp_path: Path) -> None:
    (path,) = LoadOutputs(html=tmp_path / "load.html").write(STORMY, None, None)
    page = path.read_text(encoding="utf-8")
    assert "The simulation, told 500 resumes a second (as this very storm showed): measured 4.46 s" in page
    assert "What to set, by a model" in page and "20,000 devices" in page


def test_a_load_without_a_storm_has_no_model(tmp_path: Path) -> None:
    json_, page = LoadOutputs(html=tmp_path / "a" / "load.html", json=tmp_path / "load.json").write(
        result(), None, None
    )
    assert {json_.name, page.name} == {"load.json", "load.html"}
    assert "What to set" not in (tmp_path / "a" / "load.html").read_text(encoding="utf-8")
    assert earlier(tmp_path / "load.json") == result()
