from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from audit.contract import CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY, Contract
from audit.diagnosis import diagnose
from audit.finding import Severity
from audit.outlook import Step
from audit.remedies import EFFORTS, RESUME_CANCEL_CONFLICT, SESSION_LAYER, SINGLE_CONNECTION_TRAP
from audit.result import Diagnosis, Judgment, Remedy
from audit.way_out import plan

from .making import judgment

CONTINUE = Contract(disconnect="continue")
ENDPOINT = Remedy("Mend the endpoint.", "It works.", "A day.", "endpoint")
SETTING = Remedy("Set it.", "It works.", "Nothing.", "configuration")
LOG = Remedy("Keep a log.", "It works.", "A week.", "session layer")


def gap(rule: str, scenario: str = "network-drop", **changes: Any) -> Judgment:
    return judgment(rule, "gap", scenario, **changes)


def diagnosis(id: str, proof: tuple[str, ...], *remedies: Remedy) -> Diagnosis:
    return Diagnosis(id, id, RESILIENT_DELIVERY, "", "", proof, remedies)


def told(steps: tuple[Step, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(step.action, step.closes) for step in steps]


def test_nothing_broken_needs_nothing() -> None:
    assert plan([judgment("loss", "pass"), judgment("join", "inconclusive")], (), {"loss": LOG}, CONTINUE) == ()


def test_a_rule_that_no_diagnosis_explains_prescribes_its_own() -> None:
    assert told(plan([gap("hang"), gap("hang", "dead-air")], (), {"hang": ENDPOINT}, CONTINUE)) == [
        ("Mend the endpoint.", ("hang@network-drop", "hang@dead-air"))
    ]


def test_a_remedy_that_closes_several_gaps_stands_once_and_cheaper_ones_come_first() -> None:
    cure = Remedy("Cure.", "", "", "transport", closes=("loss", "join"))
    steps = plan(
        [gap("loss"), gap("join"), gap("echo")],
        (diagnosis("trap", ("loss@network-drop",), cure),),
        {"loss": LOG, "join": LOG, "echo": ENDPOINT},
        CONTINUE,
    )
    assert told(steps) == [
        ("Mend the endpoint.", ("echo@network-drop",)),
        ("Cure.", ("loss@network-drop", "join@network-drop")),
    ]
    assert [step.diagnoses for step in steps] == [(), ("trap",)]


def test_where_the_cause_is_known_the_rule_itself_prescribes_nothing() -> None:
    relaying = diagnosis("relay", ("buffering@network-drop",), ENDPOINT)
    assert told(plan([gap("buffering")], (relaying,), {"buffering": SETTING}, CONTINUE)) == [
        ("Mend the endpoint.", ("buffering@network-drop",))
    ]


def test_a_gap_that_proves_one_disease_is_not_closed_by_the_cure_of_another() -> None:
    trap = diagnosis("trap", ("survival@network-drop",), *SINGLE_CONNECTION_TRAP)
    conflict = diagnosis("conflict", ("stop-vs-disconnect@network-drop",), *RESUME_CANCEL_CONFLICT)
    steps = plan([gap("survival"), gap("stop-vs-disconnect")], (trap, conflict), {}, CONTINUE)
    assert [(step.effort, step.closes) for step in steps] == [
        ("endpoint", ("survival@network-drop",)),
        ("endpoint", ("stop-vs-disconnect@network-drop",)),
    ]


def test_what_follows_from_a_disease_is_closed_with_it() -> None:
    conflict = diagnosis("conflict", ("survival@network-drop",), *RESUME_CANCEL_CONFLICT)
    steps = plan([gap("survival"), gap("handoff")], (conflict,), {"handoff": LOG}, CONTINUE)
    assert [(step.effort, step.closes) for step in steps] == [
        ("configuration", ("survival@network-drop", "handoff@network-drop"))
    ]


def test_session_layers_of_several_rules_are_one_piece_of_work() -> None:
    steps = plan([gap("loss"), gap("join")], (), {"loss": LOG, "join": LOG}, CONTINUE)
    assert told(steps) == [(SESSION_LAYER.action, ("loss@network-drop", "join@network-drop"))]


def test_one_rule_alone_keeps_its_own_words() -> None:
    assert told(plan([gap("order")], (), {"order": LOG}, CONTINUE)) == [("Keep a log.", ("order@network-drop",))]


def test_the_session_layer_spares_what_it_closes_as_well() -> None:
    steps = plan(
        [gap("echo"), gap("stop-aim"), gap("loss"), gap("join")],
        (),
        {"echo": ENDPOINT, "stop-aim": Remedy("Aim.", "", "", "endpoint"), "loss": LOG, "join": LOG},
        CONTINUE,
    )
    assert [step.action for step in steps] == ["Mend the endpoint.", "Aim.", SESSION_LAYER.action]
    assert steps[-1].spares == (1,)


def test_the_grade_after_each_step_counts_it_and_all_before() -> None:
    found = [
        gap("survival", severity=Severity.CRITICAL),
        gap("echo", capability=CONTINUITY),
        judgment("stop", "pass", capability=LIVE_CONTROL),
    ]
    remedies = {"survival": SETTING, "echo": ENDPOINT}
    assert [(step.letter, step.score) for step in plan(found, (), remedies, CONTINUE)] == [("C", 66.7), ("A+", 100.0)]


_RULES = (
    "loss",
    "survival",
    "join",
    "discovery",
    "stop",
    "stop-reach",
    "stop-vs-disconnect",
    "hang",
    "echo",
    "handoff",
)


@given(
    st.lists(
        st.tuples(st.sampled_from(_RULES), st.sampled_from(("network-drop", "device-join", "long-absence"))),
        unique=True,
    ),
    st.dictionaries(st.sampled_from(_RULES), st.sampled_from(EFFORTS)),
)
def test_every_gap_is_closed_once_and_efforts_never_fall(found: list[tuple[str, str]], efforts: dict[str, str]) -> None:
    gaps = [gap(rule, scenario) for rule, scenario in found]
    remedies = {rule: Remedy(f"Mend {rule}.", "", "", efforts.get(rule, "endpoint")) for rule in _RULES}
    diagnoses = diagnose(gaps, {"resumes": False, "stop": "hangup"}, CONTINUE)
    steps = plan(gaps, diagnoses, remedies, CONTINUE)
    closed = [name for step in steps for name in step.closes]
    assert sorted(closed) == sorted(f"{rule}@{scenario}" for rule, scenario in found)
    prices = [EFFORTS.index(step.effort) for step in steps]
    assert prices == sorted(prices)
    assert all(step.closes for step in steps)
    assert {name for step in steps for name in step.diagnoses} <= {each.id for each in diagnoses}
