from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.result_file import dump_result
from audit.triage_words import LAYERS, SYMPTOMS

from .making import judgment
from .test_triage import audited


def run(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ["triage", *arguments], input=text)


def test_it_lists_every_symptom_and_layer() -> None:
    found = run("--list")
    assert found.exit_code == 0
    for each in (*SYMPTOMS, *LAYERS):
        assert each.id in found.output


def test_symptoms_by_flags() -> None:
    found = run("--symptom", "wrong-answer", "--symptom", "lost-answer")
    assert found.exit_code == 0
    assert found.output.index("1. Delivery") < found.output.index("2. The model")
    assert "Reach for: Durable Sessions" in found.output
    assert max(map(len, found.output.splitlines())) <= 100


def test_json_is_for_machines() -> None:
    found = json.loads(run("--symptom", "generic-answer", "--json").output)
    assert found["schema"] == "durable-audit/triage/1"
    assert found["symptoms"] == ["generic-answer"]
    assert found["delivery"] == "unknown"
    assert [layer["id"] for layer in found["layers"]] == ["knowledge", "model"]
    assert found["layers"][0].keys() == {"id", "title", "weight", "why", "reach_for", "first", "price"}


@pytest.mark.parametrize("whole_run", [True, False])
def test_a_result_outweighs_symptoms(tmp_path: Path, whole_run: bool) -> None:
    path = tmp_path / "result.json"
    path.write_text(dump_result(audited(judgment("loss", "gap"), schema="durable-audit/result/2")))
    found = run("--result", str(tmp_path if whole_run else path), "--symptom", "wrong-answer", "--json")
    assert json.loads(found.output)["delivery"] == "burning"
    assert json.loads(found.output)["layers"][0]["id"] == "delivery"


def test_an_unknown_symptom_is_named_with_a_near_miss() -> None:
    found = run("--symptom", "lst-answer", "--symptom", "gremlins")
    assert found.exit_code == 2
    assert "did you mean 'lost-answer'?" in found.output
    assert "see durable-audit triage --list" in found.output


def test_where_nobody_can_be_asked_it_says_what_to_give() -> None:
    found = run()
    assert found.exit_code == 2
    assert "durable-audit triage --symptom lost-answer" in found.output


def test_a_result_that_is_not_there(tmp_path: Path) -> None:
    assert run("--result", str(tmp_path / "no.json")).exit_code == 2


def test_in_a_terminal_it_asks_until_it_understands() -> None:
    with patch("audit.triage_cli._can_ask", return_value=True):
        found = run("--json", text="nothing\n99\n1, 15\n")
    told = json.loads(found.output[found.output.index("{") :])
    assert told["symptoms"] == [SYMPTOMS[0].id, SYMPTOMS[14].id]
    assert found.output.count("please") == 2
