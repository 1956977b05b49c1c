from __future__ import annotations

import json
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.load.gates import (
    COUNTS,
    DEFAULTS,
    NAMES,
    OPERATORS,
    QUANTILES,
    Gate,
    in_force,
    judged,
    measured,
    parsed,
    told,
    verdict,
)
from audit.load.result import DIED, GateResult, LoadResult, Quantiles

from .samples import NOTHING, quantiles, result, storm


def judge(gate: str, found: LoadResult) -> tuple[float | None, bool | None]:
    outcome = Gate.parse(gate).judge(found)
    return outcome.value, outcome.met


# -- words ------------------------------------------------------------------------------------------------------------


def test_every_count_of_a_result_can_be_gated() -> None:
    whole = {field.name for field in fields(LoadResult) if field.type == "int"}
    assert whole - {"seed"} == set(COUNTS)
    assert {field.name for field in fields(Quantiles)} - {"count", "intervals"} == set(QUANTILES)


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("resume_delay_p95_ms < 2000", Gate("resume_delay_p95_ms", "<", 2000)),
        ("lost==0", Gate("lost", "==", 0)),
        ("  storm_recovered_s<=10.5 ", Gate("storm_recovered_s", "<=", 10.5)),
        ("events >= 1_000_000", Gate("events", ">=", 1_000_000)),
        ("errors != 1e3", Gate("errors", "!=", 1_000)),
    ],
)
def test_an_expression_is_a_name_a_comparison_and_a_number(text: str, gate: Gate) -> None:
    assert Gate.parse(text) == gate


@given(
    st.sampled_from(NAMES),
    st.sampled_from(sorted(OPERATORS)),
    st.floats(min_value=0.001, allow_infinity=False, allow_nan=False) | st.integers(1, 10**9).map(float),
)
def test_a_gate_reads_as_it_is_written(name: str, op: str, bound: float) -> None:
    gate = Gate(name, op, bound)
    assert Gate.parse(str(gate)) == gate


@given(st.text() | st.from_regex(r"[a-z_0-9]+ ?[<>=!]{1,3} ?.{0,8}", fullmatch=True))
def test_any_text_is_a_gate_or_says_why_not(text: str) -> None:
    try:
        assert Gate.parse(text).name in NAMES
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("resume_delay_p95 < 2000", "did you mean 'resume_delay_p95_ms'?"),
        ("resume-delay-p95-ms < 2000", "did you mean 'resume_delay_p95_ms'?"),
        ("repeats == 0", "did you mean 'repeated'?"),
        ("storm_recovery_s < 10", "did you mean 'storm_recovered_s'?"),
        ("lost = 0", "did you mean '=='?"),
        ("lost =< 5", "did you mean '<='?"),
        ("lost <<< 5", "known: == != <= >= < >"),
        ("xyzzy < 5", "known: devices, "),
        ("resume_delay_p95_ms < 2000ms", "the name says the unit, so write 2000"),
        ("resume_delay_p95_ms < 2.5 s", "the name says the unit, so write 2500"),
        ("storm_recovered_s < 500 ms", "the name says the unit, so write 0.5"),
        ("lost < 3s", "'3s' is no finite number"),
        ("lost < many", "'many' is no finite number"),
        ("lost < 1e999", "no finite number"),
        ("lost < nan", "no finite number"),
        ("lost <", "no finite number"),
        ("lost", "must be a name, a comparison and a number, as in 'resume_delay_p95_ms < 2000'"),
        ("", "must be a name, a comparison and a number"),
        ("l" * 300 + " < 1", "must be a name, a comparison and a number"),
        ("lost < 0", "can never be met"),
        ("lost == -1", "can never be met"),
    ],
)
def test_a_wrong_expression_names_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(ValueError) as caught:
        Gate.parse(text)
    assert hint in str(caught.value)


def test_the_command_line_hears_of_every_wrong_gate() -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(["lots == 0", "lost == 0", "lost > x"], "--gate")
    assert [problem.what for problem in caught.value.problems] == [
        "'lots == 0': 'lots' is nothing that is measured; did you mean 'lost'?",
        "'lost > x': 'x' is no finite number",
    ]
    assert caught.value.exit_code == 2
    assert parsed(["lost == 0"], "--gate") == (Gate("lost", "==", 0),)


# -- which hold -------------------------------------------------------------------------------------------------------


def test_without_a_word_nothing_may_be_lost_repeated_reordered_or_end_wrongly() -> None:
    assert [str(gate) for gate in in_force()] == [
        "lost == 0",
        "repeated == 0",
        "reordered == 0",
        "foreign == 0",
        "unended == 0",
        "wrong_end == 0",
        "after_stop == 0",
        "unanswered == 0",
    ]


def test_a_gate_on_a_delay_leaves_the_defaults_on() -> None:
    delay = Gate("resume_delay_p95_ms", "<", 500)
    assert in_force([delay]) == (*DEFAULTS, delay)


def test_a_gate_replaces_the_weaker_ones_on_its_name() -> None:
    declared = [Gate("lost", "<=", 5), Gate("devices", ">", 10), Gate("devices", "<", 99)]
    gates = in_force(declared, [Gate("lost", "<=", 1), Gate("lost", "<=", 1)])
    assert gates == (*DEFAULTS[1:], *declared[1:], Gate("lost", "<=", 1))


# -- judging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "value", "met"),
    [
        ("lost == 0", 0, True),
        ("lost != 0", 0, False),
        ("refused < 3", 3, False),
        ("refused <= 3", 3, True),
        ("refused > 2", 3, True),
        ("devices >= 1001", 1_000, False),
        ("errors == 5", 5, True),
        ("resume_delay_p95_ms < 81", 80, True),
        ("resume_delay_p99_ms < 200", 200, False),
        ("item_delay_mean_ms <= 11", 11, True),
        ("stop_delay_max_ms < 100", 100, False),
    ],
)
def test_a_number_is_held_to_its_bound(gate: str, value: float, met: bool) -> None:
    found = result(errors={"reset": 2, "refused": 3})
    measured_value, outcome = judge(gate, found)
    assert measured_value == pytest.approx(value)
    assert outcome is met


def test_every_name_stands_for_a_number() -> None:
    found = result(storms=(storm(4.0),))
    assert all(measured(found, name) is not None for name in NAMES)


def test_a_quantile_without_enough_samples_cannot_be_judged() -> None:
    few = result(resume_delay_ms=quantiles(10.0, 20.0, None, count=40))
    assert judge("resume_delay_p99_ms < 2000", few) == (None, None)
    assert judge("resume_delay_p95_ms < 2000", few) == (20.0, True)
    assert judge("resume_delay_mean_ms < 2000", result(resume_delay_ms=NOTHING)) == (None, None)
    assert judge("join_delay_p50_ms < 2000", result(measures={})) == (None, None)


def test_the_worst_storm_counts_and_one_that_never_ended_is_not_met() -> None:
    gate = "storm_recovered_s <= 10"
    assert judge(gate, result(storms=(storm(4.0), storm(9.0)))) == (9.0, True)
    assert judge(gate, result(storms=(storm(4.0), storm(None)))) == (None, False)
    assert judge(gate, result(storms=())) == (None, None)


def test_where_nothing_arrived_nothing_is_proven() -> None:
    nothing = result(events=0)
    assert judge("lost == 0", nothing) == (0, None)
    assert judge("lost <= 1", result(events=0, lost=2)) == (2, False)
    assert judge("devices >= 1000", nothing) == (1_000, True)


def test_an_outcome_is_told_in_a_few_words() -> None:
    assert told(GateResult("lost == 0", 12_345.0, False)) == "lost == 0 (it was 12,345)"
    assert told(GateResult("lost == 0", 0.0, None)) == "lost == 0 (nothing arrived)"
    assert told(GateResult("resume_delay_p99_ms < 5", None, None)) == "resume_delay_p99_ms < 5 (too few samples)"
    assert told(GateResult("storm_recovered_s < 5", None, False)) == "storm_recovered_s < 5 (never)"


# -- exit codes -------------------------------------------------------------------------------------------------------


def exit_of(found: LoadResult, *gates: str) -> tuple[int, str]:
    return verdict(judged(found, in_force([Gate.parse(gate) for gate in gates])))


def test_a_clean_run_meets_the_defaults() -> None:
    assert exit_of(result()) == (0, f"{len(DEFAULTS)} gates met")


def test_a_failed_gate_is_told_with_what_was_measured() -> None:
    code, reason = exit_of(result(lost=12), "resume_delay_p95_ms < 79")
    assert (code, reason) == (1, "gate failed: lost == 0 (it was 12); resume_delay_p95_ms < 79 (it was 80)")


def test_what_could_not_be_judged_is_never_green() -> None:
    few = result(resume_delay_ms=NOTHING)
    assert exit_of(few, "resume_delay_p99_ms < 9") == (
        3,
        "could not be judged: resume_delay_p99_ms < 9 (too few samples)",
    )
    assert exit_of(result(events=0))[0] == 3
    assert verdict(result())[0] == 3  # a result on which no gate was ever judged


def test_a_proven_failure_outweighs_what_could_not_be_judged() -> None:
    assert exit_of(result(lost=1, resume_delay_ms=NOTHING), "resume_delay_p99_ms < 9")[0] == 1


def test_a_void_run_proves_nothing_either_way() -> None:
    for lost in (0, 7):
        code, reason = exit_of(result(void="its loop was 300 ms late", lost=lost))
        assert (code, reason) == (3, "the run proves nothing: its loop was 300 ms late")


def test_an_interrupted_run_says_so_before_anything_else() -> None:
    assert exit_of(result(partial="interrupted after 12 s", void="x", lost=1)) == (130, "interrupted after 12 s")


def test_a_target_that_died_did_not_interrupt_the_run() -> None:
    why = f"{DIED} 12 s after the load began"
    assert exit_of(result(partial=why, void=why)) == (3, f"the run proves nothing: {why}")


def test_a_judged_result_is_plain_json() -> None:
    found = judged(result(storms=(storm(None),)), [Gate("storm_recovered_s", "<", 5)])
    assert json.loads(json.dumps(asdict(found), allow_nan=False))["gates"] == [
        {"gate": "storm_recovered_s < 5", "value": None, "met": False}
    ]
