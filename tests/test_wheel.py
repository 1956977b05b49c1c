"""Installed as a wheel, outside the checkout, everything is there: templates, assets, the servers."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.sockets
def test_the_demo_runs_from_a_wheel_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=90)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    page = {file.name for file in (ROOT / "reference_impl/web").iterdir()}
    assert {file.name for file in (installed / "reference_impl/web").iterdir()} == page > {"index.html", "session.js"}

    # Our packages from the wheel alone, everything else from the environment: -P keeps the checkout out, and the
    # editable install of the checkout loses to PYTHONPATH.
    where = "import audit, reports, scenarios, reference_impl; print(audit.__file__)"
    run = [sys.executable, "-P"]
    env = {"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    found = subprocess.run([*run, "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(installed))

    demo = [*run, "-m", "audit.cli", "demo", "--seed", "3"]
    done = subprocess.run(demo, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert "reference" in done.stdout and "A+" in done.stdout
    assert (tmp_path / "out/demo/report.html").stat().st_size > 100_000
