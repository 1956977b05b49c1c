"""A stored run for the commands that come after one, and how they are called."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from audit import cli
from audit.store import load_run


def durable_audit(*args: str | Path) -> Result:
    """Run a command in this process; whatever it raises is a failure of the test."""
    result = CliRunner().invoke(cli.main, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def audited(root: Path, name: str = "naive-sse") -> Path:
    """The folder of a whole run: one scenario against a built-in server."""
    done = durable_audit("run", name, "--scenario", "early-drop", "--seed", "7", "--runs", root)
    assert done.exit_code == 0, done.stderr
    return load_run(root / "latest").path.resolve()


def copied(run: Path, to: Path) -> Path:
    """A run that may be spoiled."""
    shutil.copytree(run, to)
    return to
