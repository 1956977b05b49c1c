"""`durable-audit storm`: a table and a recommendation, and numpy only when it is asked for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from audit.load.backoff import KINDS
from audit.storm_cli import storm_command


def test_it_prints_a_table_and_a_recommendation_and_says_that_it_is_a_model() -> None:
    done = CliRunner().invoke(storm_command, ["--devices", "1000", "--rate", "200"])
    assert done.exit_code == 0
    for kind in KINDS:
        assert re.search(rf"^{kind} ", done.output, re.MULTILINE)
    assert "Best of all, with at most 400 attempts a second: server-sent" in done.output
    assert "gain: " in done.output and "cost: " in done.output
    assert "A simulation, not a measurement" in done.output


def test_live_streams_leave_less_for_resumes() -> None:
    calm, busy = (
        CliRunner().invoke(storm_command, ["--devices", "1000", "--rate", "200", "--live", live]).output
        for live in ("0", "0.5")
    )
    assert "No policy is done before 5.00 s." in calm
    assert "No policy is done before 6.93 s." in busy


@pytest.mark.parametrize("argv", [["--devices", "0"], ["--rate", "0"], ["--live", "1"]])
def test_what_makes_no_sense_is_refused(argv: list[str]) -> None:
    assert CliRunner().invoke(storm_command, argv).exit_code == 2


def test_without_numpy_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("audit.load.st") or name == "audit.load.backoff"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    done = CliRunner().invoke(storm_command, [])
    assert done.exit_code == 2
    assert "numpy: is not installed" in done.output


def test_the_command_line_needs_no_numpy() -> None:
    probe = "import sys; sys.modules['numpy'] = None; import audit.cli; audit.cli.main(['storm', '--help'])"
    done = subprocess.run([sys.executable, "-P", "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Simulate a reconnect storm" in done.stdout
