"""The whole audit of the reference server on every storage: nothing may be missing on any of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from audit.builtin import REFERENCE, command, toml

from .reference_impl import servers

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]

PYTHON = (sys.executable, "-P", "-m")
AUDIT = [*PYTHON, "audit.cli", "run"]


@contextmanager
def storage(name: str, folder: Path) -> Iterator[str]:
    """The address of a storage; its server runs as long as the context."""
    folder.mkdir()
    started: Callable[[Path], Any] | None = {"redis": servers.redis, "nats": servers.nats}.get(name)
    with started(folder) if started else nullcontext() as server:
        yield f"{name}://127.0.0.1:{server.port}" if server else name if name == "memory" else f"sqlite:{folder}/s.db"


def audited(name: str, folder: Path) -> dict[str, Any]:
    """The result of an audit of a server on that storage."""
    with (
        storage(name, folder) as address,
        subprocess.Popen(command(REFERENCE, 0, address), stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("listening on ").strip()
        (folder / "target.toml").write_text(toml(REFERENCE, url))
        out = str(folder / "result.json")
        argv = [*AUDIT, str(folder / "target.toml"), "--seed", "5", "--jobs", "3", "--runs", str(folder), "--json", out]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=150, check=False)
        server.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(Path(out).read_text())
    return result


def test_the_reference_is_whole_on_every_storage(tmp_path: Path) -> None:
    names = ("memory", "sqlite", "redis", "nats")
    with ThreadPoolExecutor(len(names)) as pool:
        results = dict(zip(names, pool.map(audited, names, [tmp_path / name for name in names]), strict=True))
    for name, result in results.items():
        gaps = [finding for finding in result["findings"] if finding["verdict"] == "gap"]
        assert gaps == [], name
        assert [score["score"] for score in result["scores"].values()] == [100.0, 100.0, 100.0], name
