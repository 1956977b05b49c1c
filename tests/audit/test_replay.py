from __future__ import annotations

from dataclasses import replace

import pytest

from audit.errors import ConfigError
from audit.finding import Verdict
from audit.replay import Case, case_of, only, replayed

from .making import judgment, run_meta
from .test_result_file import RESULT

RUN = run_meta(plan={"network-drop": (0, 1, 2, 10), "drop": (0, 1)})
FINDINGS = (
    judgment("loss", "gap", trial=10),
    judgment("order", "not_applicable"),
    judgment("loss", "gap", "drop", trial=1),
)


def refused(case: str) -> str:
    with pytest.raises(ConfigError) as caught:
        case_of(case, RUN, FINDINGS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("loss@network-drop", Case("network-drop", 10, "loss")),
        ("loss@drop", Case("drop", 1, "loss")),
        ("network-drop-2", Case("network-drop", 2)),
        ("network-drop-10", Case("network-drop", 10)),
        ("drop-1", Case("drop", 1)),
    ],
)
def test_a_case_is_a_finding_or_a_trial(named: str, meant: Case) -> None:
    assert case_of(named, RUN, FINDINGS) == meant


@pytest.mark.parametrize("case", ["", "x", "@", "-", "loss@", "network-drop", "network-drop-", "x" * 200, "drop-2"])
def test_what_is_no_case_is_refused_with_an_example(case: str) -> None:
    complaint = refused(case)
    assert "is neither a finding nor a trial of this run" in complaint
    assert "for example: --case " in complaint


def test_a_near_miss_is_answered_with_a_guess() -> None:
    assert "did you mean 'loss@network-drop'?" in refused("los@network-drop")
    assert "did you mean 'network-drop-" in refused("network-drop-3")


def test_a_twin_is_no_case_and_what_does_not_apply_has_no_trial() -> None:
    assert "is neither" in refused("network-drop-0")
    assert "order does not apply in network-drop" in refused("order@network-drop")


def test_a_part_of_a_run_keeps_its_twin() -> None:
    assert only(RUN, "network-drop", 2).plan == {"network-drop": (0, 2)}
    assert only(RUN, "network-drop").plan == {"network-drop": (0, 1, 2, 10)}
    assert only(RUN, "network-drop", 2).seed == RUN.seed


def test_then_and_now_stand_side_by_side() -> None:
    old = replace(RESULT, findings=(judgment("loss", "gap"), judgment("order", "pass")))
    new = replace(RESULT, findings=(judgment("loss", "pass"), judgment("hang", "gap")))
    found = replayed(Case("network-drop", 2), old, new)
    told = [(pair.rule, pair.old and pair.old.verdict, pair.new and pair.new.verdict) for pair in found.pairs]
    assert told == [("loss", "gap", "pass"), ("order", "pass", None), ("hang", None, "gap")]
    assert found.verdict is Verdict.GAP
    assert replace(found, case=Case("network-drop", 2, "loss")).verdict is Verdict.PASS


def test_what_the_target_declares_differently_is_told() -> None:
    new = replace(RESULT, target={**RESULT.target, "name": "other"})
    assert replayed(Case("network-drop", 2), RESULT, new).changed == ("name: chät then, other now",)
