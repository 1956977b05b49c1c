"""A stored run gives the same result again, from its files alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audit import builtin
from audit.campaign import Order
from audit.subject import Subject
from scenarios import SCENARIOS

CHOSEN = ("network-drop", "device-join", "stop-elsewhere")

WITHOUT_NETWORK = """
import sys

def refuse(event, details):
    if event.startswith("socket."):
        raise OSError(f"{event}: there is no network here")

sys.addaudithook(refuse)
"""


def offline(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where not even a socket can be made."""
    command = [sys.executable, "-P", "-c", WITHOUT_NETWORK + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def split(path: Path) -> tuple[list[bytes], list[bytes]]:
    """The lines of a result that say when it was made, and all the others."""
    lines = path.read_bytes().splitlines(keepends=True)
    dated = [line for line in lines if line.lstrip().startswith(b'"created":')]
    return dated, [line for line in lines if line not in dated]


def test_there_really_is_no_network() -> None:
    for attempt in ("socket.socket()", "socket.create_connection(('127.0.0.1', 1))", "socket.getaddrinfo('x', 1)"):
        refused = offline(f"import socket; {attempt}")
        assert refused.returncode == 1
        assert "there is no network here" in refused.stderr


@pytest.mark.sockets
def test_checking_a_run_reproduces_its_result_to_the_byte(tmp_path: Path) -> None:
    chosen = tuple(scenario for scenario in SCENARIOS if scenario.id in CHOSEN)
    store, result = Subject(builtin.REFERENCE).audit(Order(chosen, "quick", 5, 12), tmp_path, SCENARIOS)
    assert len(result.runs) == 4 * len(CHOSEN)
    path = store.path / "result.json"
    before = split(path)
    path.unlink()
    checked = offline("from audit.cli import main; main()", "check", str(store.path))
    assert checked.returncode == 0, checked.stderr
    after = split(path)
    assert after[1] == before[1]
    assert (len(before[0]), len(after[0])) == (1, 1)
