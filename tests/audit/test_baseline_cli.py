from __future__ import annotations

from pathlib import Path

import pytest

from audit.result_file import load_result

from .stored import audited, copied, durable_audit

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def known(finished: Path, tmp_path: Path) -> Path:
    """A baseline that somebody filled in."""
    path = tmp_path / "known-gaps.toml"
    assert durable_audit("baseline", finished, "-o", path).exit_code == 0
    draft = path.read_text(encoding="utf-8")
    path.write_text(
        draft.replace('reason = ""', 'reason = "moves"').replace('owner = ""', 'owner = "chat"'), encoding="utf-8"
    )
    return path


def test_a_draft_names_every_gap_and_says_what_to_fill_in(finished: Path, tmp_path: Path) -> None:
    path = tmp_path / "known-gaps.toml"
    done = durable_audit("baseline", finished / "result.json", "-o", path)
    assert done.exit_code == 0 and "Fill in reason and owner of each" in done.stdout
    result = load_result(finished / "result.json")
    gaps = sum(found.verdict == "gap" for found in result.findings)
    assert gaps > 0 and f"{gaps} gap" in done.stdout
    assert path.read_text(encoding="utf-8").count("[[gap]]") == gaps
    again = durable_audit("baseline", finished, "-o", path)
    assert again.exit_code == 2 and "is there already" in again.stderr


def test_known_gaps_pass_and_are_shown(finished: Path, known: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "run")
    done = durable_audit("check", run, "--baseline", known, "--html", tmp_path / "gap.html")
    assert done.exit_code == 0 and "gates met" in done.stderr
    assert "known until" in done.stdout
    assert "Known gap" in (tmp_path / "gap.html").read_text(encoding="utf-8")
    assert load_result(run / "result.json").known
    assert load_result(run / "result.json").scores == load_result(finished / "result.json").scores


def test_a_new_gap_exits_1(finished: Path, known: Path, tmp_path: Path) -> None:
    entries = known.read_text(encoding="utf-8").split("[[gap]]")
    known.write_text("[[gap]]".join(entries[:-1]), encoding="utf-8")
    done = durable_audit("check", copied(finished, tmp_path / "run"), "--baseline", known)
    assert done.exit_code == 1 and "1 gap that the baseline does not know: " in done.stderr


STALE = '[[gap]]\nrule = "termination"\nscenario = "*"\nreason = "x"\nowner = "y"\nexpires = 2999-01-01\n'


def test_a_stale_entry_exits_4_and_a_new_gap_beside_it_1(finished: Path, known: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "run")
    gone = [found.rule for found in load_result(run / "result.json").findings if found.verdict == "not_applicable"]
    stale = STALE.replace("termination", gone[0]).replace('"*"', '"early-drop"')
    known.write_text(known.read_text(encoding="utf-8") + stale, encoding="utf-8")
    done = durable_audit("check", run, "--baseline", known)
    assert done.exit_code == 4
    assert f"1 entry of the baseline is stale, the gap is no longer there: remove {gone[0]}@early-drop" in done.stderr
    known.write_text(stale, encoding="utf-8")
    both = durable_audit("check", run, "--baseline", known)
    assert both.exit_code == 1 and "that the baseline does not know" in both.stderr and "is stale" in both.stderr


def test_a_wrong_baseline_stops_a_run_before_anything_happens(tmp_path: Path) -> None:
    path = tmp_path / "known-gaps.toml"
    path.write_text(STALE.replace("termination", "terminaton").replace("2999", "2020").replace('"x"', '""'), "utf-8")
    done = durable_audit("run", "naive-sse", "--baseline", path, "--runs", tmp_path / "runs")
    assert done.exit_code == 2 and not (tmp_path / "runs").exists()
    for told in ("3 problems", "did you mean 'termination'?", "gap[0].reason: is blank", "expired on 2020-01-01"):
        assert told in done.stderr
    missing = durable_audit("check", "--baseline", tmp_path / "none.toml")
    assert missing.exit_code == 2 and "a baseline cannot be read here" in missing.stderr
