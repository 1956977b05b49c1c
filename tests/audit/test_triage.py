from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks import RULES
from audit.contract import CAPABILITIES
from audit.finding import Severity
from audit.load.rules import LOAD_RULES
from audit.result import AuditResult, CapabilityScore, Diagnosis, Grade, Judgment
from audit.triage import Triage, triage
from audit.triage_words import DELIVERY, LAYERS, SYMPTOMS

from .making import judgment

IDS = [each.id for each in SYMPTOMS]
PROVEN = CapabilityScore(100.0, 100.0, 100.0, 3, 0, 0, 0)


def audited(*findings: Judgment, score: float | None = 90.0, floor: float = 100.0, **more: Any) -> AuditResult:
    known: dict[str, Any] = {
        **dict.fromkeys(("schema", "ruleset", "tool", "created", "profile"), ""),
        "argv": (),
        "seed": 7,
        "environment": {},
        "target": {},
        "grade": "A",
        "verdict": Grade("A", "", score),
        "scores": dict.fromkeys(CAPABILITIES, replace(PROVEN, floor=floor)),
        "findings": findings,
        "diagnoses": (),
        "runs": (),
    }
    return AuditResult(**(known | more))


def order(found: Triage) -> list[str]:
    return [suspect.layer.id for suspect in found.suspects]


def test_symptoms_alone_point_and_prove_nothing() -> None:
    found = triage(["lost-answer"])
    assert (order(found), found.delivery) == ([DELIVERY], "unknown")
    assert "nothing is proven yet" in found.verdict


def test_it_says_when_nothing_points_at_delivery() -> None:
    found = triage(["wrong-answer", "uneven-answer"])
    assert order(found) == ["model", "knowledge"]
    assert found.verdict.startswith("Nothing that you see points at delivery")
    assert "The model and its answers" in found.verdict


def test_it_says_when_less_speaks_for_delivery() -> None:
    found = triage(["slow-under-load"])
    assert order(found) == ["backend", DELIVERY]
    assert found.verdict.startswith("Less speaks for delivery")


@pytest.mark.parametrize(
    "symptom", [each for each in SYMPTOMS if DELIVERY not in each.points], ids=lambda each: each.id
)
def test_every_other_symptom_leads_elsewhere(symptom: Any) -> None:
    assert DELIVERY not in order(triage([symptom.id]))


def test_what_is_proven_outweighs_everything_that_is_told() -> None:
    told = ["wrong-answer", "uneven-answer", "stuck-project", "generic-answer", "unknown-facts"]
    found = triage(told, audited(judgment("loss", "gap")))
    assert (order(found)[0], found.delivery) == (DELIVERY, "burning")
    assert found.verdict.startswith("Delivery is on fire")
    assert found.suspects[0].why == ("The audit proves gaps: loss.",)


def test_a_diagnosis_is_named_with_its_proof() -> None:
    trap = Diagnosis("trap", "Single-Connection Trap", "", "", "", ("loss@network-drop",), ())
    found = triage(["lost-answer"], audited(judgment("loss", "gap"), diagnoses=(trap,)))
    assert found.suspects[0].why == (
        "The answer is gone after a lost signal, a reload or a locked phone. The audit proves it (loss).",
        "The audit names the Single-Connection Trap (loss@network-drop).",
    )


def test_a_clean_audit_says_that_delivery_is_not_the_problem() -> None:
    clean = audited(*(judgment(rule, "pass") for rule in ("loss", "survival")))
    found = triage(["lost-answer", "wrong-answer"], clean)
    assert (order(found), found.delivery) == (["model", "knowledge"], "clear")
    assert found.verdict.startswith("Delivery is not the problem")
    assert "lost signal" in found.verdict and "client's own code" in found.verdict
    assert triage([], clean).verdict == "Delivery is not the problem: nothing that was tested broke."


def test_what_could_not_be_tested_is_not_called_clear() -> None:
    for result in (audited(judgment("loss", "pass"), floor=40.0), audited(judgment("loss", "pass"), partial="cut")):
        assert triage(["no-stop"], result).delivery == "unknown"
    nothing = audited(judgment("loss", "inconclusive"), score=None)
    assert (triage([], nothing).delivery, order(triage(["no-stop"], nothing))) == ("unknown", [DELIVERY])


def test_a_symptom_that_its_rules_refute_counts_nothing() -> None:
    partly = audited(judgment("stop", "pass"), judgment("order", "inconclusive"), floor=40.0)
    assert order(triage(["no-stop"], partly)) == []
    assert order(triage(["garbled-text"], partly)) == [DELIVERY]


def test_lesser_gaps_are_rough_edges_and_no_fire() -> None:
    found = triage(["generic-answer"], audited(judgment("buffering", "gap", severity=Severity.MEDIUM)))
    assert found.delivery == "rough"
    assert order(found)[0] == "knowledge"
    assert "rough edges" in found.verdict


def test_nothing_told_says_nothing() -> None:
    assert triage([]) == Triage((), "unknown", "Nothing was told, so nothing can be said.", ())


def test_unknown_symptoms_are_errors() -> None:
    with pytest.raises(KeyError):
        triage(["gremlins"])


_FINDING = st.builds(
    judgment,
    st.sampled_from([rule.id for rule in RULES]),
    st.sampled_from(["pass", "gap", "inconclusive", "not_applicable"]),
)


@given(st.lists(st.sampled_from(IDS)), st.lists(_FINDING), st.floats(0, 100))
def test_grave_gaps_always_come_first_and_a_clear_audit_never_blames_delivery(
    told: list[str], findings: list[Judgment], floor: float
) -> None:
    found = triage(told, audited(*findings, floor=floor))
    weights = [suspect.weight for suspect in found.suspects]
    assert weights == sorted(weights, reverse=True) and all(weights)
    assert all(suspect.why for suspect in found.suspects)
    if found.delivery == "burning":
        assert order(found)[0] == DELIVERY
    if found.delivery == "clear":
        assert DELIVERY not in order(found)


def test_the_words_hold_together() -> None:
    rules = {rule.id for rule in (*RULES, *LOAD_RULES)}
    assert len(IDS) == len(set(IDS))
    for symptom in SYMPTOMS:
        assert symptom.text.endswith(".")
        assert symptom.points.keys() <= {layer.id for layer in LAYERS}
        assert set(symptom.rules) <= rules, symptom.id
        assert not symptom.rules or DELIVERY in symptom.points
    for layer in LAYERS:
        assert any(max(each.points.values()) == each.points.get(layer.id) for each in SYMPTOMS), layer.id
        assert layer.first.endswith(".") and layer.gives_up.endswith(".")
