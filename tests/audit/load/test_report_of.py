from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from audit.event import Value
from audit.load.churn import Churn, Storm
from audit.load.figures import Histogram
from audit.load.gates import FAULTS
from audit.load.report_of import INTERNAL, load_result, merge_totals, quantiles, void
from audit.load.result import DIED, MEASURES, GateResult
from audit.load.samples import DEVICES

from .seers import target_of

CHURN = Churn(devices=10, seconds=30, storms=(Storm(10.0),))


def histogram(*values: float) -> Value:
    found = Histogram()
    found.add_all(values)
    return found.dump()


def window(at_s: float, words: int = 100, **measures: Value) -> Value:
    return {
        "at_s": at_s, "devices": 10, "words": words, "resumes": 2, "refused": 1, "lost": 0, "repeated": 0,
        "reordered": 0, "measures": measures,
    }  # fmt: skip


def totals(**changes: Any) -> Value:
    """Of a process that did well."""
    counts = dict.fromkeys((*FAULTS, "replayed"), 0)
    found: Value = {
        "processes": 1, "devices": 10, "sessions": 5, "acts": [20, 20], "events": 320, "prompts": 6, "resumes": 6,
        "refused": 3, "counts": {"words": 300, "runs": 12, **counts}, "errors": {"closed by the target: fin": 2},
        "windows": [window(0.0, item_delay=histogram(1, 2)), window(10.0, item_delay=histogram(3)), window(20.0)],
        "storms": [{"at_s": 10.0, "devices": 4, "refused": 1, "recovery": histogram(500, 600, 700, 800),
                    "live": histogram(5)}],
        "health": {"lag": histogram(*[1.0] * 200), "behind": histogram(*[2.0] * 200), "delay_error": histogram(),
                   "memory_mb": [50.0, 51.0], "cpu": [[0.2, 0.3, 0.1]]},
        "samples": [], "partial": "",
    }  # fmt: skip
    return {**found, **changes}


def health(**changes: Any) -> Value:
    return {**totals()["health"], **changes}


def result(found: Value, churn: Churn = CHURN, **more: Any) -> Any:
    return load_result(found, churn, target_of(), ["durable-audit", "load"], 7, "2026-11-20T00:00:00Z", **more)


# -- the result ---------------------------------------------------------------------------------------------------


def test_a_result_says_what_was_counted() -> None:
    found = result(totals(), gates=[GateResult("lost == 0", 0.0, True)], environment={"python": "3.11"})
    assert (found.devices, found.sessions, found.events, found.resumes, found.refused) == (10, 5, 320, 6, 3)
    assert (found.lost, found.repeated, found.void, found.partial) == (0, 0, "", "")
    assert found.errors == {"closed by the target: fin": 2}
    assert found.plan["storms"] == ({"at_s": 10.0, "share": 1.0, "away_s": 0.5, "jitter_s": 0.5},)
    assert list(found.measures) == list(MEASURES)
    assert found.measures["item_delay"].count == 3
    assert found.measures["item_delay"].max == 3
    assert found.resume_delay_ms == found.measures["resume_delay"]
    assert [w.words for w in found.windows] == [100, 100, 100]
    assert found.gates[0].met
    assert found.health.memory_mb == (50.0, 51.0)


def test_no_secret_is_written_down() -> None:
    target = replace(target_of(), headers={"Authorization": "Bearer very-secret"})
    found = load_result(totals(), CHURN, target, [], 1, "now")
    assert "very-secret" not in json.dumps(found.target)


def test_quantiles_need_enough_measurements() -> None:
    few = quantiles(Histogram.load(histogram(*[10.0] * 20)))
    assert few.p50 == pytest.approx(10, rel=0.02)
    assert few.p95 is not None
    assert few.p99 is None
    assert (few.mean, few.max, few.count) == (10.0, 10.0, 20)
    assert set(few.intervals) == {"p50"}  # twenty say nothing of how high the p95 may be
    low, high = few.intervals["p50"]
    assert low <= 10.0 <= high
    none = quantiles(Histogram())
    assert none.intervals == {}
    assert (none.count, none.p50, none.mean, none.max) == (0, None, None, None)


# -- storms -------------------------------------------------------------------------------------------------------


def storm(devices: int, *back_ms: float) -> Any:
    row = {"at_s": 10.0, "devices": devices, "refused": 0, "recovery": histogram(*back_ms), "live": histogram()}
    return result(totals(storms=[row])).storms[0]


def test_a_storm_is_over_when_nearly_everybody_is_back() -> None:
    found = storm(200, *[1_000.0] * 198, 5_000.0, 9_000.0)
    assert found.recovered_s == pytest.approx(1.0, rel=0.02)
    assert found.recovery[-1] == (pytest.approx(9.0, rel=0.02), 1.0)
    assert [share for _, share in found.recovery] == sorted(share for _, share in found.recovery)


def test_a_storm_is_never_over_while_too_many_are_away() -> None:
    assert storm(200, *[1_000.0] * 197).recovered_s is None
    assert storm(200).recovery == ()


def test_a_storm_that_hit_nobody_has_nothing_to_recover() -> None:
    assert storm(0).recovered_s is None


# -- merging ------------------------------------------------------------------------------------------------------


def test_processes_add_up() -> None:
    other = totals(
        devices=5, errors={"join: refused": 1}, windows=[window(0.0, 7, join_delay=histogram(9))], acts=[5, 4]
    )
    both = merge_totals(totals(), other)
    assert (both["processes"], both["devices"], both["acts"]) == (2, 15, [25, 24])
    assert both["errors"] == {"closed by the target: fin": 2, "join: refused": 1}
    assert [w["words"] for w in both["windows"]] == [107, 100, 100]
    assert set(both["windows"][0]["measures"]) == {"item_delay", "join_delay"}
    assert both["storms"][0]["devices"] == 8
    assert both["health"]["memory_mb"] == [100.0, 102.0]
    assert both["health"]["cpu"] == [[0.2, 0.3, 0.1]] * 2
    assert Histogram.load(both["health"]["lag"]).count == 400


def test_merging_is_associative_and_changes_nothing() -> None:
    a, b, c = totals(), totals(devices=3, partial="finished early"), totals(windows=[window(20.0), window(30.0)])
    before = copy.deepcopy((a, b, c))
    left, right = merge_totals(merge_totals(a, b), c), merge_totals(a, merge_totals(b, c))
    assert left == right
    assert left["partial"] == "finished early"
    assert (a, b, c) == before
    assert json.loads(json.dumps(left)) == left


def test_only_so_many_samples_are_kept() -> None:
    many = totals(samples=[{"device": n} for n in range(15)])
    assert len(merge_totals(many, many)["samples"]) == DEVICES


# -- when a load proves nothing -----------------------------------------------------------------------------------

LATE = histogram(*[1.0] * 150, *[400.0] * 50)


@pytest.mark.parametrize(("changes", "said"), [
    ({"health": health(lag=LATE)}, "event loop was 4"),
    ({"health": health(behind=LATE)}, "begun 4"),
    ({"health": health(lag=histogram(400.0))}, "event loop"),  # a short run has few probes; they count all the same
    ({"health": health(cpu=[[0.1, 0.1, 0.1], [0.99, 0.97, 0.5]])}, "67%"),
    ({"acts": [20, 15]}, "5 of the plan's 20 acts"),
    ({"errors": {f"{INTERNAL}ValueError()": 3}}, "failed 3 times"),
    ({"counts": {**totals()["counts"], "words": 0}}, "no word"),
    ({"partial": f"{DIED} 12 s after the load began"}, DIED),
])  # fmt: skip
def test_what_voids_a_load(changes: Value, said: str) -> None:
    assert said in result(totals(**changes)).void


@pytest.mark.parametrize("changes", [
    {},
    {"health": health(lag=histogram(*[1.0] * 200, 400.0))},  # once is not often
    {"health": health(cpu=[[0.99, 0.5, 0.5, 0.99, 0.99]])},  # after the plan's end nothing is measured any more
    {"acts": [20, 15], "partial": "interrupted"},
    {"errors": {"join: refused": 500}},
])  # fmt: skip
def test_what_does_not(changes: Value) -> None:
    assert result(totals(**changes)).void == ""


def test_every_reason_is_given() -> None:
    found = totals(acts=[20, 15], health=health(lag=LATE, behind=LATE))
    assert void(found, CHURN).count(";") == 2
