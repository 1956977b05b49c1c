"""Stored files that are cut, damaged, or of another version: each is judged as far as it goes, or named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.result_file import load_result

from .stored import audited, copied, durable_audit

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return copied(finished, tmp_path / "run")


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
def test_a_truncated_history_is_judged_up_to_its_end_and_says_so(run: Path, tmp_path: Path, kept: float) -> None:
    path = run / "early-drop-2.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: max(int(len(data) * kept), data.index(b"\n") + 20)])
    done = durable_audit("check", run, "--html", tmp_path / "gap.html")
    assert done.exit_code == 130 and "interrupted: 3 of 4 trials ran to their end" in done.stderr
    result = load_result(run / "result.json")
    assert [file.file for file in result.runs if file.note == "cut short: judged up to its end"] == [path.name]
    assert "cut short: judged up to its end" in (tmp_path / "gap.html").read_text(encoding="utf-8")
    assert "Partial: " in done.stdout


def test_a_damaged_history_is_named_with_what_to_do(run: Path) -> None:
    path = run / "early-drop-1.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], '{"i": 99}', *lines[4:]]), encoding="utf-8")
    before = (run / "result.json").read_bytes()
    done = durable_audit("check", run)
    assert (done.exit_code, done.stdout) == (70, "")
    assert "early-drop-1.jsonl: line 4" in done.stderr
    assert "Restore the file, or remove it" in done.stderr
    assert (run / "result.json").read_bytes() == before
    path.unlink()
    rest = durable_audit("check", run)
    assert rest.exit_code == 130 and "3 of 4 trials" in rest.stderr


@pytest.mark.parametrize("command", ["report", "baseline"])
def test_a_result_of_another_schema_is_named_with_what_to_do(run: Path, command: str, tmp_path: Path) -> None:
    value = json.loads((run / "result.json").read_text(encoding="utf-8")) | {"schema": "durable-audit/result/99"}
    (run / "result.json").write_text(json.dumps(value), encoding="utf-8")
    done = durable_audit(command, run, "-o", tmp_path / "out.html")
    assert done.exit_code == 70 and "has schema 'durable-audit/result/99'" in done.stderr
    assert "durable-audit check RUN" in done.stderr
    assert durable_audit("check", run).exit_code == 0  # as it says
    assert durable_audit(command, run, "-o", tmp_path / "out.html").exit_code == 0


def test_a_run_of_another_format_is_named_with_what_to_do(run: Path) -> None:
    value = json.loads((run / "run.json").read_text(encoding="utf-8")) | {"format": "durable-audit/run/99"}
    (run / "run.json").write_text(json.dumps(value), encoding="utf-8")
    done = durable_audit("check", run)
    assert done.exit_code == 70 and "has format 'durable-audit/run/99'" in done.stderr
    assert "with the version that wrote it" in done.stderr
