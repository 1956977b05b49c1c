from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from audit import guard


def test_nothing_shadows_us_here() -> None:
    assert guard.shadowed() == ""
    guard.check()


@pytest.mark.parametrize("name", guard.OURS)
def test_a_folder_of_the_users_with_one_of_our_names_stops_it_with_a_message(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise RuntimeError('the user\\'s own code must not run')\n")
    done = subprocess.run(
        [sys.executable, "-m", "audit.cli", "list"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == "" and "Traceback" not in done.stderr
    assert f"needs its own package '{name}'" in done.stderr and str(tmp_path / name) in done.stderr
    assert "python -P -m audit.cli" in done.stderr


def test_what_it_advises_works(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "audit.cli", "explain", "loss"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.startswith("loss")) == (0, True)


def test_a_folder_without_init_or_no_package_at_all_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    specs: dict[str, ModuleSpec | None] = {"scenarios": ModuleSpec("scenarios", None, is_package=True)}
    monkeypatch.setattr(guard, "find_spec", specs.get)
    assert "finds none, or one without __init__.py" in guard.shadowed()
    with pytest.raises(SystemExit) as left:
        guard.check()
    assert left.value.code == 2
