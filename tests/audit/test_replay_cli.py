from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.result_file import load_result
from audit.store import load_run

from .stored import audited, copied, durable_audit

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("runs"))


def test_findings_name_the_command_that_plays_them_again(finished: Path) -> None:
    gap = next(found for found in load_result(finished / "result.json").findings if found.rule == "loss")
    assert gap.replay == f"durable-audit replay {finished} --case loss@early-drop"


def test_a_trial_is_played_again_by_its_plan_and_shown_beside_the_old_one(finished: Path, tmp_path: Path) -> None:
    done = durable_audit("replay", finished, "--case", "loss@early-drop", "--runs", tmp_path)
    assert done.exit_code == 1  # the gap is there again
    assert "✗ gap" in done.stdout.partition("→")[0] and "✗ gap" in done.stdout.partition("→")[2]
    assert "Declared differently" not in done.stdout
    old, new = load_run(finished), load_run(tmp_path / "latest")
    spoken = next(found for found in load_result(finished / "result.json").findings if found.rule == "loss").trial
    assert new.meta.plan == {"early-drop": (0, spoken)}
    assert (new.meta.seed, new.meta.profile) == (old.meta.seed, old.meta.profile)
    before, after = (next(trial.history.meta for trial in run.trials() if trial.number == spoken) for run in (old, new))
    assert {key: before[key] for key in ("seed", "point", "profile")} == {
        key: after[key] for key in ("seed", "point", "profile")
    }


def test_a_gap_that_was_closed_exits_0(finished: Path, tmp_path: Path) -> None:
    done = durable_audit("replay", finished, "--case", "early-drop-2", "--target", "reference", "--runs", tmp_path)
    assert done.exit_code == 0, done.stdout
    assert "loss" in done.stdout and "✗ gap" in done.stdout and "→ ✓ pass" in done.stdout
    assert "Declared differently since: protocol: chat-sse then, session now" in done.stdout


def test_what_is_no_case_is_answered_before_anything_is_played(finished: Path, tmp_path: Path) -> None:
    for case in ("los@early-drop", "early-drop-7", "nothing"):
        done = durable_audit("replay", finished, "--case", case, "--runs", tmp_path / "runs")
        assert done.exit_code == 2 and "is neither a finding nor a trial" in done.stderr
    assert not (tmp_path / "runs").exists()
    assert durable_audit("replay", finished).exit_code == 2
    assert durable_audit("replay", tmp_path / "none", "--case", "loss@early-drop").exit_code == 2


def test_a_target_file_that_is_gone_is_named(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "run")
    meta = json.loads((run / "run.json").read_text(encoding="utf-8")) | {"target_file": "elsewhere/chat.toml"}
    (run / "run.json").write_text(json.dumps(meta), encoding="utf-8")
    done = durable_audit("replay", run, "--case", "early-drop-1", "--runs", tmp_path / "runs")
    assert done.exit_code == 2 and "elsewhere/chat.toml" in done.stderr


def test_a_scenario_that_this_version_does_not_know_is_named(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "run")
    meta = json.loads((run / "run.json").read_text(encoding="utf-8")) | {"plan": {"old-story": [0, 1]}}
    (run / "run.json").write_text(json.dumps(meta), encoding="utf-8")
    done = durable_audit("replay", run, "--case", "old-story-1", "--runs", tmp_path / "runs")
    assert done.exit_code == 2 and "this version knows no scenario 'old-story'" in done.stderr
