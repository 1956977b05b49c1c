from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.builtin import command
from audit.load.alone import loop_factory, main

pytestmark = pytest.mark.sockets


@pytest.fixture
def url() -> Iterator[str]:
    """Of a reference server in a process of its own: the crowd runs its own loop here."""
    with subprocess.Popen(command("reference", 0), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().partition("listening on ")[2].strip()
        finally:
            server.terminate()


PLAN = {
    "--devices": "20", "--per-session": "1", "--seconds": "1.5", "--words": "10", "--pace": "20", "--drop-every": "0.2",
    "--away": "0.1", "--storm": "1.2", "--seed": "3", "--clock": "kernel",
}  # fmt: skip


def test_a_crowd_alone_on_the_fast_loop(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factory = loop_factory()
    assert factory is not None
    assert "uvloop" in factory.__module__
    main([word for option in {"--url": url, **PLAN, "--json": str(tmp_path / "out.json")}.items() for word in option])
    found = json.loads((tmp_path / "out.json").read_text())
    faults = {name: count for name, count in found["counts"].items() if count and name not in ("words", "runs")}
    assert (faults, found["errors"]) == ({}, {})
    assert found["prompts"] > 0
    assert found["counts"]["words"] == 10 * found["prompts"]
    assert found["resumes"] > 15
    assert found["acts"][0] == found["acts"][1]
    assert found["health"]["delay_error"]["count"] > 0
    assert json.loads(capsys.readouterr().out)["devices"] == 20


def test_nobody_there_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--url", "http://127.0.0.1:9"])
    assert ended.value.code == 3
    assert "nothing answers at 127.0.0.1:9" in capsys.readouterr().err
