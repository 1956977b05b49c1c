"""`durable-audit selftest`: what it plans, writes and says. (That it finds what is planted: `make selftest`.)"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit import selftest_cli
from audit.cli import main
from audit.selftest.case import Case, Seen
from audit.selftest.crew import Tell
from reference_impl.mutants import MUTANTS


def selftest(*args: str | int | Path) -> Result:
    return CliRunner().invoke(main, ["selftest", *map(str, args)])


@pytest.fixture
def perfect(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """No process is started: every defect is found by the rules that its mutant names. What was asked for."""
    asked: list[Case] = []
    rules = {each.id: each.trips.rules for each in MUTANTS}

    async def crew(planned: list[Case], workers: int, tell: Tell) -> None:
        for case in planned:
            asked.append(case)
            tell(case, Seen(dict.fromkeys(rules.get(case.mutant, ()), "here: so"), trials=3, cpu_s=1.0))

    monkeypatch.setattr(selftest_cli, "crew", crew)
    return asked


def test_all_mutants_that_an_audit_can_find_and_some_clean_audits(perfect: list[Case], tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("json", "html", "markdown", "figures")}
    done = selftest("--seed", 4, *(word for name, path in files.items() for word in (f"--{name}", path)))
    assert done.exit_code == 0, done.output
    told = json.loads(files["json"].read_text(encoding="utf-8"))
    planted = {each.id for each in MUTANTS if each.trips.rules}
    assert (told["mutants"], told["detected"], told["clean_runs"]) == (len(planted), len(planted), 3)
    assert {case.mutant for case in perfect if not case.clean} == planted
    assert json.loads(files["figures"].read_text(encoding="utf-8")).items() <= told.items()
    assert "| `seam-repeat` |" in files["markdown"].read_text(encoding="utf-8")
    assert "seam-repeat" in files["html"].read_text(encoding="utf-8")
    assert "Detection:" in done.output


def test_at_least_sixty_mutants_cover_more_than_half_of_the_taxonomy() -> None:
    rows = {row for each in selftest_cli.PLANTED for row in each.rows}
    assert len(selftest_cli.PLANTED) >= 60
    assert len(rows) >= 45


def test_only_what_was_asked_for(perfect: list[Case]) -> None:
    assert selftest("--only", "seam-repeat", "--clean", 0, "--profile", "standard").exit_code == 0
    assert [(case.mutant, case.profile, case.seed) for case in perfect] == [("seam-repeat", "standard", 1)]


def test_clean_audits_alone(perfect: list[Case]) -> None:
    assert selftest("--clean-only", "--clean", 20).exit_code == 0
    assert [case.seed for case in perfect] == list(range(1, 21))
    assert all(case.clean for case in perfect)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("seam-repaet", "there is no mutant 'seam-repaet'; did you mean 'seam-repeat'?"),
        ("slow-shared", "'slow-shared' shows under load only"),
    ],
)
def test_a_mutant_that_cannot_be_audited(
    perfect: list[Case], name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tuple(each for each in selftest_cli.PLANTED if each.id != "slow-shared")
    monkeypatch.setattr(selftest_cli, "PLANTED", kept)
    done = selftest("--only", name)
    assert (done.exit_code, perfect) == (2, [])
    assert told in done.output


@pytest.mark.sockets
def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "audit.cli", "selftest", "--workers", "1", "--profile", "quick"]
    only = ["--only", "key-ignored", "--clean", "50"]
    files = ["--json", str(tmp_path / "s.json"), "--figures", str(tmp_path / "figures.json")]
    with subprocess.Popen([*command, *only, *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        while "[1 of 51]" not in (line := run.stderr.readline()):
            assert line, "it ended before its first audit"
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    told = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert run.returncode == 130
    assert "interrupted after 1 of 51 audits" in said
    assert (told["mutants"], told["partial"], told["planned"]) == (1, True, 51)
    assert not (tmp_path / "figures.json").exists()
