"""How a load ends when something happens to it: the target dies or is rolled out, a worker is lost, somebody looks at
Locust's page. Real servers, real Locust processes; all of it at once, because each of them mostly waits."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]

LOAD = [sys.executable, "-P", "-m", "audit.cli", "load"]
CROWD = [
    "--devices",
    "20",
    "--words",
    "12",
    "--pace-ms",
    "100",
    "--drop-every-s",
    "3",
    "--stop-share",
    "0",
    "--seed",
    "5",
]
TARGET = """
name = "reference"
base_url = "http://127.0.0.1:{port}"
protocol = "session"
[contract]
disconnect = "continue"
concurrent_send = "queue"
"""
SERVER = """
import os, pathlib, signal, socket, subprocess, sys, time

def up(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

def until(port, wanted):
    deadline = time.monotonic() + 15
    while up(port) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)

here, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
if (here / "pid").exists():
    os.kill(int((here / "pid").read_text()), signal.SIGTERM)
    until(port, False)
storage = f"sqlite:{here / 'sessions.db'}"
argv = [sys.executable, "-P", "-m", "reference_impl", "--port", str(port), "--storage", storage]
server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
(here / "pid").write_text(str(server.pid))
until(port, True)
print("serving again")
"""

Loaded = tuple[int, dict[str, Any], str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Stand:
    """A reference server that outlives its restarts, a target file that leads to it, and loads on it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        (folder / "server.py").write_text(SERVER)
        self.restart = f"{sys.executable} {folder / 'server.py'} {folder} {self.port}"
        subprocess.run(self.restart, shell=True, check=True, stdout=subprocess.DEVNULL)
        self.target = folder / "target.toml"
        self.target.write_text(TARGET.format(port=self.port))

    def kill(self) -> None:
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)

    def begin(self, *argv: str) -> subprocess.Popen[str]:
        out = str(self.folder / "load.json")
        return subprocess.Popen(
            [*LOAD, str(self.target), *CROWD, *argv, "--json", out], stderr=subprocess.PIPE, text=True
        )

    def end(self, running: subprocess.Popen[str]) -> Loaded:
        _, said = running.communicate(timeout=100)
        assert (self.folder / "load.json").exists(), said
        return running.returncode, json.loads((self.folder / "load.json").read_text()), said


def below(process: int) -> list[int]:
    """The processes that this one has started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def runs(process: int) -> bool:
    """It is there, and not only waiting to be counted as gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    return False


def connected(port: int) -> int:
    """How many connections to a local port stand."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(row.split()[2].endswith(f":{port:04X}") and row.split()[3] == "01" for row in rows)


def await_devices(stand: Stand, count: int = 10) -> None:
    deadline = time.monotonic() + 30
    while connected(stand.port) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


# -- what happens -----------------------------------------------------------------------------------------------------


def dies(stand: Stand) -> Loaded:
    running = stand.begin("--seconds", "60")
    await_devices(stand)
    time.sleep(2)
    stand.kill()
    return stand.end(running)


def loses_a_worker(stand: Stand) -> Loaded:
    running = stand.begin("--seconds", "8", "--processes", "2")
    await_devices(stand)
    (master,) = below(running.pid)
    os.kill(below(master)[0], signal.SIGKILL)
    return stand.end(running)


def is_rolled_out(stand: Stand) -> Loaded:
    with stand.target.open("a") as file:
        file.write(f'[hooks]\ndeploy = "{stand.restart}"\n')
    agents = ("--gate", "wrong_end <= 40")  # they are in the same process, and what they were saying ends as failed
    running = stand.begin("--seconds", "12", "--deploy-at", "4", "--deploy-at", "7.5", "--allow-hooks", *agents)
    return stand.end(running)


def has_a_bad_hook(stand: Stand) -> Loaded:
    with stand.target.open("a") as file:
        file.write('[hooks]\ndeploy = "echo no such image; exit 7"\n')
    return stand.end(stand.begin("--seconds", "5", "--deploy-at", "2", "--allow-hooks"))


def is_looked_at(stand: Stand) -> Loaded:
    port = free_port()
    running = stand.begin("--seconds", "5", "--web", str(port))
    await_devices(stand)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
        stand.folder.joinpath("page").write_bytes(page.read())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats/requests", timeout=10) as stats:
        stand.folder.joinpath("stats").write_bytes(stats.read())
    listening = [row.split()[1] for row in Path("/proc/net/tcp").read_text().splitlines() if f":{port:04X} " in row]
    stand.folder.joinpath("address").write_text(listening[0])
    return stand.end(running)


HAPPENS = {each.__name__: each for each in (dies, loses_a_worker, is_rolled_out, has_a_bad_hook, is_looked_at)}


@pytest.fixture(scope="module")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stand]]:
    folder = tmp_path_factory.mktemp("ends")
    found = {name: Stand(folder / name) for name in HAPPENS}
    yield found
    for stand in found.values():
        with suppress(ProcessLookupError):
            stand.kill()


@pytest.fixture(scope="module")
def loads(stands: dict[str, Stand]) -> Iterator[dict[str, Future[Loaded]]]:
    with ThreadPoolExecutor(len(HAPPENS)) as pool:
        yield {name: pool.submit(happens, stands[name]) for name, happens in HAPPENS.items()}


def test_a_target_that_dies_ends_the_load_with_what_was_measured(loads: dict[str, Future[Loaded]]) -> None:
    code, result, said = loads["dies"].result()
    assert code == 3
    assert "the target stopped answering" in result["void"] and "the target stopped answering" in said
    assert result["events"] > 20 and result["windows"] and result["prompts"] > 0
    assert result["lost"] == 0  # what a dead server did not say is not lost for sure


@pytest.mark.parametrize("processes", ["1", "2"])
def test_where_nothing_answers_that_is_said_and_nothing_is_proven(tmp_path: Path, processes: str) -> None:
    with socket.socket() as probe:  # bound and not listening: whoever connects is refused
        probe.bind(("127.0.0.1", 0))
        target = tmp_path / "t.toml"
        target.write_text(TARGET.format(port=probe.getsockname()[1]))
        argv = [*LOAD, str(target), *CROWD, "--seconds", "5", "--processes", processes]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "nothing answers at 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_that_is_lost_is_named_and_its_devices_do_not_pass(loads: dict[str, Future[Loaded]]) -> None:
    code, result, said = loads["loses_a_worker"].result()
    assert code == 3
    assert "only 1 of 2 processes told what they saw (lost: worker " in result["void"]
    assert "lost: worker " in said
    assert result["devices"] == 10


def test_a_load_whose_master_breaks_leaves_nobody_behind(tmp_path: Path) -> None:
    stand = Stand(tmp_path / "stand")
    running = stand.begin("--seconds", "60", "--processes", "2")
    await_devices(stand)
    (master,) = below(running.pid)
    workers = below(master)
    os.kill(master, signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    stand.kill()
    assert running.returncode == 70
    assert "Locust ended without telling its totals" in said
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while any(map(runs, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_deploy_that_loses_nothing_passes(loads: dict[str, Future[Loaded]]) -> None:
    code, result, said = loads["is_rolled_out"].result()
    assert [(each["name"], each["at_s"], each["exit_code"]) for each in result["hooks"]] == [
        ("deploy", 4.0, 0),
        ("deploy", 7.5, 0),
    ]
    assert all(each["output"] == "serving again" for each in result["hooks"])
    assert all(each["at_s"] <= each["began_s"] < each["at_s"] + 1 for each in result["hooks"])
    assert result["plan"]["deploys"] == [4.0, 7.5]
    assert sum(count for kind, count in result["errors"].items() if kind.startswith("closed by the target")) >= 20
    assert (result["lost"], result["repeated"], result["reordered"], result["unanswered"]) == (0, 0, 0, 0)
    assert (code, result["void"]) == (0, ""), (result["gates"], result["errors"], said)


def test_a_hook_that_fails_is_named_and_proves_nothing(loads: dict[str, Future[Loaded]]) -> None:
    code, result, _ = loads["has_a_bad_hook"].result()
    assert code == 3
    assert result["void"] == "the deploy hook at 2 s failed with exit code 7 (no such image)"
    assert result["hooks"][0]["output"] == "no such image"


def test_locusts_page_is_there_while_the_load_runs_and_for_this_machine_only(
    loads: dict[str, Future[Loaded]], stands: dict[str, Stand]
) -> None:
    code, result, _ = loads["is_looked_at"].result()
    assert (code, result["lost"]) == (0, 0)
    folder = stands["is_looked_at"].folder
    assert "<title>Locust" in (folder / "page").read_text()
    assert "stats" in json.loads((folder / "stats").read_text())
    assert (folder / "address").read_text().startswith("0100007F:")  # 127.0.0.1


def test_a_load_begins_within_three_seconds(tmp_path: Path) -> None:
    """From the command to the first connection; the best of three, because other tests are on this machine, too."""
    assert min(_start_s(tmp_path) for _ in range(3)) < 3.0


def _start_s(folder: Path) -> float:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        (folder / "target.toml").write_text(TARGET.format(port=listener.getsockname()[1]))
        began = time.monotonic()
        running = subprocess.Popen(
            [*LOAD, str(folder / "target.toml"), *CROWD, "--seconds", "5"], stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        listener.accept()[0].close()
        took_s = time.monotonic() - began
        for generator in below(running.pid):
            os.kill(generator, signal.SIGKILL)
        running.wait(30)
    return took_s
