"""`durable-audit load` as people run it: a real server, real Locust processes, exit codes."""

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
from typing import Any

import pytest

pytestmark = pytest.mark.sockets

LOAD = [sys.executable, "-P", "-m", "audit.cli", "load"]
PLAN = ["--seconds", "8", "--words", "12", "--pace-ms", "100", "--drop-every-s", "3", "--seed", "5"]
TARGET = """
name = "reference"
base_url = "{url}"
protocol = "session"
[contract]
disconnect = "continue"
concurrent_send = "queue"
"""


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """A reference server and a target file that leads to it."""
    argv = [sys.executable, "-P", "-m", "reference_impl", "--port", "0", "--storage", "memory"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().partition("listening on ")[2].strip()
        path = tmp_path / "target.toml"
        path.write_text(TARGET.format(url=url), encoding="utf-8")
        yield path
        server.terminate()


def loaded(out: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    """Exit code and result of a load."""
    done = subprocess.run([*LOAD, *argv, "--json", str(out)], capture_output=True, text=True, timeout=100, check=False)
    assert out.exists(), done.stderr
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return done.returncode, result


def verified(result: dict[str, Any]) -> dict[str, Any]:
    """What the plan alone decides."""
    return {
        name: result[name] for name in ("devices", "sessions", "prompts", "lost", "repeated", "reordered", "unended")
    }


def test_the_reference_loses_nothing_and_two_processes_say_the_same_as_one(target: Path, tmp_path: Path) -> None:
    code, one = loaded(tmp_path / "one.json", str(target), *PLAN, "--devices", "60")
    again, two = loaded(tmp_path / "two.json", str(target), *PLAN, "--devices", "60", "--processes", "2")
    assert (code, again) == (0, 0)
    assert verified(one) == verified(two)
    assert one["resumes"] > 60 and abs(one["resumes"] - two["resumes"]) <= 3
    assert (one["lost"], one["void"], one["resume_delay_ms"]["count"] > 0) == (0, "", True)


def test_a_master_and_two_workers_say_the_same(target: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    spread = [*PLAN, "--devices", "60", "--processes", "2", "--master-port", port]
    workers = [subprocess.Popen([*LOAD, str(target), *spread, "--worker"], stderr=subprocess.DEVNULL) for _ in range(2)]
    code, result = loaded(tmp_path / "master.json", str(target), *spread, "--master")
    assert [worker.wait(30) for worker in workers] == [0, 0]
    assert code == 0
    assert (result["devices"], result["lost"], result["unended"], result["partial"]) == (60, 0, 0, "")


def test_a_naive_target_fails_by_its_gates(tmp_path: Path) -> None:
    code, result = loaded(tmp_path / "naive.json", "naive-sse", *PLAN, "--devices", "20", "--per-session", "1")
    assert code == 1
    assert result["lost"] > 0
    assert any(gate["gate"] == "lost == 0" and gate["met"] is False for gate in result["gates"])


def test_a_generator_that_stood_still_proves_nothing(target: Path, tmp_path: Path) -> None:
    out = tmp_path / "stalled.json"
    running = subprocess.Popen(
        [*LOAD, str(target), *PLAN, "--devices", "60", "--json", str(out)], stderr=subprocess.DEVNULL
    )
    generator = _generator(running.pid)
    for _ in range(4):
        time.sleep(1.2)
        os.kill(generator, signal.SIGSTOP)
        time.sleep(0.8)
        os.kill(generator, signal.SIGCONT)
    assert running.wait(60) == 3
    assert json.loads(out.read_text(encoding="utf-8"))["void"]


def test_an_interrupted_load_drains_and_reports(target: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.json"
    running = subprocess.Popen(
        [*LOAD, str(target), *PLAN, "--devices", "40", "--json", str(out)], stderr=subprocess.DEVNULL
    )
    _generator(running.pid)
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    assert running.wait(40) == 130
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["partial"] and result["events"] > 0 and result["lost"] == 0


def test_another_host_is_not_put_under_load(tmp_path: Path) -> None:
    path = tmp_path / "far.toml"
    path.write_text(TARGET.format(url="https://chat.example.com"), encoding="utf-8")
    done = subprocess.run([*LOAD, str(path), *PLAN], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "limits.load_hosts" in done.stderr


def test_wrong_plans_and_gates_are_all_named(target: Path) -> None:
    argv = [*LOAD, str(target), "--devices", "0", "--stop-share", "2", "--seconds", "1"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("--devices", "--stop-share", "--seconds"))


def _generator(parent: int) -> int:
    """The Locust process below a `durable-audit load`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
        if found:
            return int(found[0])
        time.sleep(0.05)
    raise AssertionError("no generator was started")
