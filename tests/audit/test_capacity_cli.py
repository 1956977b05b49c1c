"""`durable-audit capacity` as people run it: a real server, real Locust processes, exit codes, files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit import builtin
from audit.capacity_cli import capacity_command
from audit.load.order import Order
from audit.load.result import GateResult, LoadResult

from .load.samples import result, window

CAPACITY = [sys.executable, "-P", "-m", "audit.cli", "capacity"]
SMALL = ["--step-s", "10", "--words", "20", "--pace-ms", "100", "--seed", "5"]
FAR = 'name = "chat"\nbase_url = "https://chat.example.com"\nprotocol = "session"\n'


def ran(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*CAPACITY, *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def law(order: Order, *_: object) -> LoadResult:
    """What a target with contention would have given, without any traffic."""
    devices = order.churn.devices
    rate = 5.0 * devices / (1 + 4e-4 * (devices - 1))
    windows = tuple(window(at * 10.0, devices, round(rate * 10)) for at in range(3))
    return result(devices=devices, seconds=30.0, windows=windows, refused=0)


@pytest.fixture
def lawful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that are worked out instead of played."""
    monkeypatch.setattr("audit.capacity_cli.load", law)
    monkeypatch.setattr(
        "audit.capacity_cli.served", lambda _: nullcontext(builtin.toml("reference", "http://127.0.0.1"))
    )


@pytest.mark.usefixtures("lawful")
def test_it_says_what_held_where_it_bends_and_what_more_would_need(tmp_path: Path) -> None:
    out, page = tmp_path / "capacity.json", tmp_path / "capacity.html"
    argv = ["reference", "--seed", "5", "--devices-wanted", "10000", "--json", str(out), "--html", str(page)]
    done = CliRunner().invoke(capacity_command, argv)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    assert [row["devices"] for row in told["rungs"]] == [100, 480, 860, 1_240, 1_620, 2_000]
    assert told["knee"]["devices"] == 480  # a tenth short of proportional
    assert told["model"]["contention"]["value"] == pytest.approx(4e-4, rel=0.02)
    assert told["needed"]["value"] == 5  # no peak in sight, so an instance counts 2,000 devices or less
    assert "A model fitted to 6 steps of 100 to 2,000 devices" in done.stdout
    plan, cost = (
        done.stderr.index("capacity of reference, seed 5: up to 6"),
        done.stderr.index("all of them together: "),
    )
    assert plan < cost < done.stderr.index("100 devices for 30 s …") < done.stderr.index("2,000 devices for 30 s …")
    assert "Words per second by devices" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("lawful")
def test_a_gate_that_no_step_could_judge_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = "stop_delay_p99_ms < 1000"
    never = (GateResult(gate, None, None),)
    monkeypatch.setattr("audit.capacity_cli.load", lambda order, *_: replace(law(order), gates=never))
    done = CliRunner().invoke(capacity_command, ["reference", "--steps", "2", "--gate", gate])
    assert done.exit_code == 3
    assert f"could not be judged in any step: {gate}" in done.stderr


@pytest.mark.sockets
def test_a_target_that_loses_words_breaks_at_the_first_step(tmp_path: Path) -> None:
    out = tmp_path / "capacity.json"
    done = ran("naive-sse", *SMALL, "--from", "20", "--to", "40", "--steps", "2", "--per-session", "1",
               "--drop-every-s", "3", "--json", out)  # fmt: skip
    assert done.returncode == 1
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["ended"], len(told["rungs"]), told["model"]) == ("broke", 1, None)
    assert "lost == 0" in told["rungs"][0]["broke"]


@pytest.mark.sockets
def test_an_interrupted_climb_leaves_what_there_is(tmp_path: Path) -> None:
    out = tmp_path / "capacity.json"
    command = [*CAPACITY, "reference", *SMALL, "--from", "5", "--to", "10", "--steps", "2", "--json", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "10 devices for 10 s …" in line:
                break
        running.send_signal(signal.SIGINT)
        running.stderr.read()
    assert running.returncode == 130
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["ended"], [row["devices"] for row in told["rungs"]]) == ("interrupted", [5])


def test_another_host_needs_leave_and_a_dry_run_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "far.toml"
    path.write_text(FAR, encoding="utf-8")
    refused, shown = ran(path, *SMALL), ran(path, *SMALL, "--dry-run")
    assert refused.returncode == 2 and "limits.load_hosts" in refused.stderr
    assert shown.returncode == 0 and "all of them together: 2,000 devices" in shown.stderr


def test_everything_that_is_wrong_is_named_before_any_connection() -> None:
    done = ran("reference", "--from", "50", "--to", "40", "--step-s", "15", "--limit-ms", "0", "--gate", "lust == 0")
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("--from", "--step-s", "--limit-ms", "did you mean 'lost'"))
    assert "…" not in done.stderr
