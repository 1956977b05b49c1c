from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import ConfigError, HistoryError
from audit.finding import Severity
from audit.outlook import Advice, Claim, Design, Drawing, Edge, Move, Node, Step
from audit.result import (
    SCHEMA,
    AuditResult,
    Cap,
    CapabilityScore,
    Diagnosis,
    Grade,
    RuleInfo,
    RunFile,
    ScenarioInfo,
    Untested,
)
from audit.result_file import dump_result, load_result, parse_result

from .making import REMEDY, judgment, shown

RESULT = AuditResult(
    schema=SCHEMA,
    ruleset="2026.11",
    tool="0.1.0",
    created="2026-11-20T10:07:32Z",
    argv=("durable-audit", "run"),
    profile="quick",
    seed=7,
    environment={"python": "3.11.7"},
    target={"name": "chät", "headers": {"Authorization": "•••"}},
    grade="C",
    verdict=Grade("C", "So so.", 70.0, (Cap("C", "words are lost", "loss"),), ("Close loss",)),
    scores={"resilient-delivery": CapabilityScore(50.0, 40.0, 60.0, 1, 1, 1, 0)},
    findings=(
        judgment("loss", "gap", excerpt=shown(("phone", "seen", "text", {"text": "🙂"})), spread=(1.0, 2.5)),
        judgment("order", "pass"),
    ),
    diagnoses=(Diagnosis("x", "X", "continuity", "It hurts.", "Because.", ("loss@network-drop",), (REMEDY,)),),
    runs=(RunFile("network-drop-0.jsonl", "network-drop", 0, True, "00ff"),),
    partial="interrupted",
    rules={
        "loss": RuleInfo("Loss", "resilient-delivery", Severity.CRITICAL, "t", "f", "w", ("RFC 9110",), REMEDY),
    },
    scenarios={"network-drop": ScenarioInfo("Drop", "resilient-delivery", "why")},
    untested=(Untested("contract.disconnect", "not declared"),),
)


def broken(change: Any) -> str:
    """The complaint about a result that `change` spoiled."""
    value = json.loads(dump_result(RESULT))
    change(value)
    with pytest.raises(HistoryError) as caught:
        parse_result(json.dumps(value))
    return str(caught.value)


def test_what_is_dumped_is_loaded(tmp_path: Path) -> None:
    text = dump_result(RESULT)
    (tmp_path / "result.json").write_text(text, encoding="utf-8")
    assert load_result(tmp_path / "result.json") == RESULT
    assert dump_result(load_result(tmp_path / "result.json")) == text


def test_the_keys_that_other_tools_rely_on() -> None:
    value = json.loads(dump_result(RESULT))
    assert {"schema", "target", "grade", "scores", "findings", "diagnoses"} <= value.keys()
    assert list(value["scores"]["resilient-delivery"]) == [
        "score",
        "floor",
        "ceiling",
        "pass",
        "gap",
        "inconclusive",
        "not_applicable",
    ]
    assert value["findings"][0]["verdict"] == "gap"
    assert value["schema"] == "durable-audit/result/2"


def test_people_can_read_it() -> None:
    text = dump_result(RESULT)
    assert '"name": "chät"' in text
    assert "🙂" in text


def test_half_a_character_does_not_spoil_the_file() -> None:
    text = dump_result(replace(RESULT, partial="half \ud83d of 🙂"))
    assert parse_result(text).partial == "half \ufffd of 🙂"
    assert text.encode()


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_result(replace(RESULT, findings=(judgment("loss", "gap", value=float("nan")),)))


def test_every_problem_of_a_damaged_result_is_listed() -> None:
    def spoil(value: dict[str, Any]) -> None:
        value["seed"] = "7"
        value["findings"][0]["verdict"] = "bad"
        value["extra"] = 1
        del value["argv"]

    complaint = broken(spoil)
    assert "4 problems" in complaint
    for where in ("seed: must be a valid integer", "findings[0].verdict", "extra: unknown key", "argv: is missing"):
        assert where in complaint


def test_pass_is_its_only_name_in_the_file() -> None:
    def rename(value: dict[str, Any]) -> None:
        score = value["scores"]["resilient-delivery"]
        score["passed"] = score.pop("pass")

    assert "unknown key" in broken(rename)


def test_another_schema_is_named() -> None:
    complaint = broken(lambda value: value.update(schema="durable-audit/result/9"))
    assert complaint.startswith(f"result: has schema 'durable-audit/result/9'; this version reads {SCHEMA!r}. ")
    assert "durable-audit check RUN" in complaint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "1", '{"a": NaN}', "[" * 100_000, '{"schema": 1}', "9" * 5_000]
)
def test_what_is_no_result(text: str) -> None:
    with pytest.raises(HistoryError, match=r"^result: "):
        parse_result(text)


def test_a_result_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a result cannot be read here"):
        load_result(tmp_path / "result.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = sorted(json.loads(dump_result(RESULT)))


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1))
@settings(deadline=1_000)
def test_a_spoiled_result_is_a_result_or_a_named_error(changes: dict[str, Any]) -> None:
    value = json.loads(dump_result(RESULT)) | changes
    try:
        assert isinstance(parse_result(json.dumps(value)), AuditResult)
    except HistoryError as error:
        assert error.exit_code == 70


@given(st.text() | VALUES.map(json.dumps))
@settings(deadline=1_000)
def test_anything_else_is_a_named_error(text: str) -> None:
    with pytest.raises(HistoryError):
        parse_result(text)


@given(st.binary())
@settings(max_examples=50, deadline=1_000)
def test_any_bytes_are_a_named_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "result.json"
    file.write_bytes(data)
    with pytest.raises(HistoryError):
        load_result(file)


def test_an_older_result_can_be_read() -> None:
    value = json.loads(dump_result(RESULT)) | {"schema": "durable-audit/result/1"}
    for late in ("traits", "plan", "claims", "design", "advice"):
        value.pop(late)
    for diagnosis in value["diagnoses"]:
        for remedy in diagnosis["remedies"]:
            remedy.pop("closes")
    found = parse_result(json.dumps(value))
    assert (found.schema, found.plan, found.design) == ("durable-audit/result/1", (), None)


def test_what_a_team_can_do_goes_there_and_back() -> None:
    drawing = Drawing("Today", (Node("a", "Tab", "device"),), (Edge("a", "a", "words", "stream", ("loss",)),), "So.")
    full = replace(
        RESULT,
        traits={"resumes": True},
        plan=(Step("Do.", "Gain.", "Cost.", "endpoint", ("loss@network-drop",), ("trap",), "B", 84.7, (1,)),),
        claims=(Claim("contract.disconnect", "continue", "refuted", "It ended.", ("survival@network-drop",)),),
        design=Design(drawing, drawing, "Stay.", (Move("Move", "Do.", "Gain.", "Cost.", ("loss@x",), "Back."),)),
        advice=(Advice("AI SDK", "Do.", ("loss",), ("vercel/ai#6502",)),),
    )
    assert parse_result(dump_result(full)) == full
