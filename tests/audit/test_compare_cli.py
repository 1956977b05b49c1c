from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from audit.result import AuditResult
from audit.result_file import dump_result

from .making import judgment
from .stored import durable_audit
from .test_result_file import RESULT

OLD = replace(RESULT, findings=(judgment("loss", "pass"), judgment("order", "gap")), partial="")
NEW = replace(RESULT, findings=(judgment("loss", "gap"), judgment("order", "pass")), partial="")


def stored(path: Path, result: AuditResult) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(dump_result(result), encoding="utf-8")
    return path


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    return stored(tmp_path / "old.json", OLD), stored(tmp_path / "run" / "result.json", NEW).parent


def test_two_results_or_runs_are_compared(both: tuple[Path, Path], tmp_path: Path) -> None:
    html, markdown = tmp_path / "c.html", tmp_path / "c.md"
    done = durable_audit("compare", *both, "--html", html, "--markdown", markdown)
    assert done.exit_code == 0
    assert "loss @ network-drop: ✓ pass → ✗ gap" in done.stdout
    assert "order @ network-drop: ✗ gap → ✓ pass" in done.stdout
    assert "1 worse, 1 better" in markdown.read_text(encoding="utf-8")
    assert "1 worse, 1 better" in html.read_text(encoding="utf-8")
    assert f"written: {html}" in done.stderr


def test_what_got_worse_can_fail_a_build(both: tuple[Path, Path], tmp_path: Path) -> None:
    assert durable_audit("compare", *both, "--fail-on-worse").exit_code == 1
    assert durable_audit("compare", both[0], both[0], "--fail-on-worse").exit_code == 0


def test_another_rule_set_is_refused_and_explained(both: tuple[Path, Path], tmp_path: Path) -> None:
    other = stored(tmp_path / "other.json", replace(NEW, ruleset="2027.01", rules={"silence": NEW.rules["loss"]}))
    done = durable_audit("compare", both[0], other)
    assert (done.exit_code, done.stdout) == (2, "")
    for told in ("rule set '2026.11'", "'2027.01'", "silence: only the new one", "loss: only the old one", "check RUN"):
        assert told in done.stderr


def test_other_schemas_are_refused_all_at_once(both: tuple[Path, Path], tmp_path: Path) -> None:
    value = json.loads(dump_result(OLD)) | {"schema": "durable-audit/result/99"}
    strange = tmp_path / "strange.json"
    strange.write_text(json.dumps(value), encoding="utf-8")
    done = durable_audit("compare", strange, strange)
    assert done.exit_code == 2 and "2 problems" in done.stderr
    assert "has schema 'durable-audit/result/99'" in done.stderr and "durable-audit check RUN" in done.stderr


def test_what_is_damaged_or_not_there_is_named(both: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"schema": ', encoding="utf-8")
    done = durable_audit("compare", both[0], broken)
    assert done.exit_code == 70 and f"{broken}: not JSON" in done.stderr
    nothing = durable_audit("compare", both[0], tmp_path / "nothing")
    assert nothing.exit_code == 2 and "a result cannot be read here" in nothing.stderr
