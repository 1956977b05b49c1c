"""The command line as people meet it: what it says, what it writes, and how it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit import __version__, builtin, cli
from audit.checks import RULES
from audit.load.rules import LOAD_RULES
from audit.result_file import load_result
from audit.store import load_run
from scenarios import SCENARIOS

TARGET = 'name = "chat"\nbase_url = "{url}"\nprotocol = "session"\n'


def durable_audit(*args: str | Path) -> Result:
    """Run a command in this process; whatever it raises is a failure of the test."""
    result = CliRunner().invoke(cli.main, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def child(*args: str | Path) -> subprocess.Popen[str]:
    """Run a command in a process of its own, outside of this folder."""
    command = [sys.executable, "-P", "-m", "audit.cli", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole run: one scenario against a built-in server that has no session layer."""
    root = tmp_path_factory.mktemp("runs")
    done = durable_audit("run", "naive-sse", "--scenario", "early-drop", "--seed", "7", "--runs", root)
    assert done.exit_code == 0
    return load_run(root / "latest").path.resolve()


# -- words ---------------------------------------------------------------------------------------------------------


def test_list_names_everything() -> None:
    done = durable_audit("list")
    assert done.exit_code == 0
    for name in [*(each.id for each in SCENARIOS), *(each.id for each in (*RULES, *LOAD_RULES)), *builtin.NAMES]:
        assert f"  {name} " in done.stdout


def test_explain_a_rule_and_a_scenario() -> None:
    rule, scenario = durable_audit("explain", "loss"), durable_audit("explain", "network-drop")
    assert (rule.exit_code, scenario.exit_code) == (0, 0)
    assert "Users feel:" in rule.stdout and "Remedy:" in rule.stdout
    assert "Story:" in scenario.stdout and "Judged by:" in scenario.stdout


def test_a_near_miss_is_answered_with_a_guess() -> None:
    done = durable_audit("explain", "los")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean 'loss'?" in done.stderr


def test_the_version_and_the_help_are_there() -> None:
    assert __version__ in durable_audit("--version").stdout
    for command in cli.main.commands:
        assert durable_audit(command, "-h").exit_code == 0


# -- what is refused before anything happens -----------------------------------------------------------------------


def test_every_problem_of_a_target_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "chat.toml"
    path.write_text('base_url = "ftp://x"\nprotocol = "sesion"\nsecret = 1\n', encoding="utf-8")
    done = durable_audit("run", path, "--runs", tmp_path / "runs")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"durable-audit: {path}: 4 problems" in done.stderr
    for problem in ("name: is missing", "base_url: must start with", "did you mean 'session'?", "secret: unknown key"):
        assert problem in done.stderr
    assert not (tmp_path / "runs").exists()


def test_an_unknown_scenario_is_answered_with_a_guess(tmp_path: Path) -> None:
    done = durable_audit("run", "reference", "--scenario", "netwrk-drop", "--scenario", "x" * 40, "--runs", tmp_path)
    assert done.exit_code == 2
    assert "2 problems" in done.stderr and "did you mean 'network-drop'?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_are_usage_errors(tmp_path: Path) -> None:
    for args in (["--profile", "slow"], ["--fail-under", "101"], ["--jobs", "0"], ["--trial", "0"], ["--seed", "-1"]):
        assert durable_audit("run", "reference", *args, "--runs", tmp_path).exit_code == 2
    assert durable_audit("report").exit_code == 2


def test_more_prompts_than_the_target_allows_are_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "chat.toml"
    path.write_text(TARGET.format(url="http://127.0.0.1:9") + "[limits]\nmax_prompts = 3\n", encoding="utf-8")
    done = durable_audit("run", path, "--runs", tmp_path / "runs")
    assert done.exit_code == 2 and "limits.max_prompts" in done.stderr


def test_a_dry_run_shows_the_plan_and_does_nothing(tmp_path: Path) -> None:
    done = durable_audit("run", "reference", "--dry-run", "--seed", "7", "--runs", tmp_path)
    assert done.exit_code == 0
    assert "seed 7" in done.stderr and "prompts" in done.stderr
    assert all(f"  {scenario.id} " in done.stdout for scenario in SCENARIOS)
    assert list(tmp_path.iterdir()) == []


def test_without_a_seed_one_is_chosen_and_shown() -> None:
    said = durable_audit("run", "reference", "--dry-run").stderr
    assert said.partition("seed ")[2].partition(")")[0].isdigit()


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    for command in ("check", "report"):
        done = durable_audit(command, tmp_path / "nothing")
        assert done.exit_code == 2 and str(tmp_path / "nothing") in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:{closed}", "http://nobody.invalid"])
def test_a_target_that_is_not_there_is_told_soon_with_what_to_check(url: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    path = tmp_path / "chat.toml"
    path.write_text(TARGET.format(url=url.format(closed=closed)), encoding="utf-8")
    start = time.monotonic()
    done = child("run", path, "--runs", tmp_path / "runs")
    said = done.communicate(timeout=30)[1]
    assert (done.returncode, time.monotonic() - start < 10) == (3, True)
    assert "chat: nothing answers at" in said and "Check that the server is running" in said
    assert "Traceback" not in said and not (tmp_path / "runs").exists()


# -- a run ---------------------------------------------------------------------------------------------------------


@pytest.mark.sockets
def test_a_run_leaves_histories_a_result_and_a_report(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert {"run.json", "result.json", "report.html", *(f"early-drop-{number}.jsonl" for number in range(4))} == names
    result = load_result(finished / "result.json")
    assert (result.seed, result.partial, result.target["name"]) == (7, "", "naive-sse")
    assert result.verdict.score is not None and result.verdict.score < 60


@pytest.mark.sockets
def test_a_stored_run_is_judged_again_without_a_network(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a check opens no socket")

    before = load_result(finished / "result.json")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    done = durable_audit("check", finished)
    assert done.exit_code == 0 and f"naive-sse: grade {before.grade}" in done.stdout
    after = load_result(finished / "result.json")
    assert (after.findings, after.verdict) == (before.findings, before.verdict)


@pytest.mark.sockets
def test_one_trial_is_replayed_and_a_gate_decides_the_exit_code(tmp_path: Path) -> None:
    args = ("--scenario", "early-drop", "--trial", "2", "--seed", "7", "--fail-under", "99", "--runs", tmp_path)
    done = durable_audit("run", "naive-sse", *args)
    assert done.exit_code == 1 and "is under 99" in done.stderr
    folder = load_run(tmp_path / "latest").path
    assert sorted(path.stem for path in folder.glob("*.jsonl")) == ["early-drop-0", "early-drop-2"]


@pytest.mark.sockets
def test_reports_are_rendered_from_results_alone(finished: Path, tmp_path: Path) -> None:
    for name in ("gap.html", "gap.md", "gap.xml", "gap.json"):
        done = durable_audit("report", finished, finished / "result.json", "-o", tmp_path / name)
        assert (done.exit_code, done.stdout) == (0, f"written: {tmp_path / name}\n")
        assert (tmp_path / name).stat().st_size > 500
    assert durable_audit("report", finished, "-o", tmp_path / "gap.pdf").exit_code == 2


@pytest.mark.sockets
def test_everything_asked_for_is_written_by_check(finished: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / f"gap.{name}" for name in ("html", "json", "junit", "markdown")}
    done = durable_audit("check", finished, *(part for name, path in files.items() for part in (f"--{name}", path)))
    assert done.exit_code == 0
    assert all(path.stat().st_size > 500 and f"written: {path}" in done.stderr for path in files.values())
    assert json.loads(files["json"].read_text(encoding="utf-8"))["target"]["name"] == "naive-sse"


@pytest.mark.sockets
def test_a_damaged_run_is_named_by_file_and_line(finished: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    copy.mkdir()
    for path in finished.glob("*.json*"):
        (copy / path.name).write_bytes(path.read_bytes())
    lines = (copy / "early-drop-1.jsonl").read_text(encoding="utf-8").splitlines()
    lines[2] = "{"
    (copy / "early-drop-1.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = durable_audit("check", copy)
    assert done.exit_code == 70 and "early-drop-1.jsonl: line 3 is not JSON" in done.stderr


# -- being interrupted ---------------------------------------------------------------------------------------------


def _children(pid: int) -> list[int]:
    """Process ids of the children of a process."""
    table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in table.splitlines())
    return [int(found) for found, parent in rows if int(parent) == pid]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A long audit of the reference in the middle of its trials, and where it keeps its runs."""
    root = tmp_path / "runs"
    process = child("run", "reference", "--profile", "deep", "--seed", "7", "--jobs", "4", "--runs", root)
    try:
        deadline = time.monotonic() + 30
        while sum(path.stat().st_size > 10_000 for path in root.glob("*/*.jsonl")) < 5:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield process, root
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.sockets
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_the_partial_run_and_leaves_no_server(
    running: tuple[subprocess.Popen[str], Path], number: signal.Signals, tmp_path: Path
) -> None:
    process, root = running
    servers = _children(process.pid)
    assert len(servers) == 1
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Partial: interrupted: " in out and "Traceback" not in err and "Unclosed" not in err
    assert not any(_alive(pid) for pid in servers)
    checked = durable_audit("check", root / "latest")
    assert checked.exit_code == 130 and "trials ran to their end" in checked.stderr
    rendered = durable_audit("report", root / "latest", "-o", tmp_path / "gap.html")
    assert rendered.exit_code == 0 and "interrupted: " in (tmp_path / "gap.html").read_text(encoding="utf-8")


@pytest.mark.sockets
def test_a_served_server_ends_with_the_process_that_serves_it() -> None:
    process = child("serve", "--port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    assert _children(process.pid) == []  # it is the process
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.communicate()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2])), timeout=1).close()
