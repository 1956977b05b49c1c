"""The clients that are compared, each as the command line of one process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from audit.event import Value
from audit.load.drive import Distribution, command
from audit.load.order import ORDER_ENV, TOTALS_ENV, Order

from .children import Failed
from .plans import follow, ordered
from .task import Report, Task

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
FAULTS = ("lost", "repeated", "reordered", "foreign", "unended", "wrong_end")
COMPILE_S = 60.0


class Client(Protocol):
    """One way to follow the words of a task."""

    @property
    def name(self) -> str: ...

    def argv(self, task: Task) -> list[str]:
        """How it is started."""
        ...

    def env(self, task: Task) -> Mapping[str, str]:
        """Its environment."""
        ...

    def report(self, task: Task, wrote: str) -> Report:
        """What it says it did, after it has ended. wrote: what it printed."""
        ...


class Ours:
    """The load engine under Locust, with Locust's statistics on, exactly as `durable-audit load` starts it."""

    name = "ours"

    def argv(self, task: Task) -> list[str]:
        return ours_argv(task, ordered(task, follow(task)))

    def env(self, task: Task) -> Mapping[str, str]:
        return ours_environment(task)

    def report(self, task: Task, wrote: str) -> Report:
        counts = ours_totals(task)["counts"]
        return Report(counts["words"], sum(counts[name] for name in FAULTS))


class Usual:
    """The usual Locust user (usual.py)."""

    name = "locust"

    def argv(self, task: Task) -> list[str]:
        return usual_argv(task)

    def env(self, task: Task) -> Mapping[str, str]:
        return usual_environment(task, "follow")

    def report(self, task: Task, wrote: str) -> Report:
        found = json.loads((task.folder / "report.json").read_text())
        return Report(min(found["verified"], found["fired"]), found["wrong"])


class Floor:
    """The C reader (reader.c)."""

    name = "c"

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def argv(self, task: Task) -> list[str]:
        return [str(self.binary), str(task.port), str(task.devices), str(task.words)]

    def env(self, task: Task) -> Mapping[str, str]:
        return {}

    def report(self, task: Task, wrote: str) -> Report:
        found = json.loads(wrote)
        return Report(found["verified"], found["wrong"])


class K6:
    """k6 (k6.js), where it is installed."""

    name = "k6"

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def argv(self, task: Task) -> list[str]:
        return [self._binary, "run", "--quiet", "--no-usage-report", "--address", "", str(FOLDER / "k6.js")]

    def env(self, task: Task) -> Mapping[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(task.folder),
            "K6_NO_USAGE_REPORT": "true",
            **bench_environment(task),
        }

    def report(self, task: Task, wrote: str) -> Report:
        found = json.loads(wrote[wrote.index("{") :])
        return Report(found["verified"], found["wrong"])


def ours_argv(task: Task, order: Order) -> list[str]:
    """Our load's command line for an order."""
    order.save(task.folder / "order.json")
    return command(order, Distribution())


def ours_environment(task: Task) -> dict[str, str]:
    """Our load's environment."""
    paths = {ORDER_ENV: str(task.folder / "order.json"), TOTALS_ENV: str(task.folder / "totals.json")}
    return {**inherited(), **paths}


def ours_totals(task: Task) -> Value:
    """What our load has counted, after it has ended."""
    told = json.loads((task.folder / "totals.json").read_text())
    if told["errors"] or told["totals"] is None:
        raise Failed(f"our load broke: {told['errors']}")
    totals: Value = told["totals"]
    return totals


def usual_argv(task: Task) -> list[str]:
    """The usual user's command line: as many users as devices."""
    users = str(task.devices)
    options = ("--headless", "--only-summary", "-u", users, "-r", users)
    return [sys.executable, "-m", "locust", "-f", str(FOLDER / "usual.py"), *options]


def usual_environment(task: Task, act: str) -> dict[str, str]:
    """The usual user's: act is `follow` or `reconnect`."""
    return {**inherited(), **bench_environment(task), "BENCH_TASK": act}


def bench_environment(task: Task) -> dict[str, str]:
    """The task, for clients that are not ours."""
    return {
        "BENCH_PORT": str(task.port),
        "BENCH_DEVICES": str(task.devices),
        "BENCH_WORDS": str(task.words),
        "BENCH_PACE_MS": str(task.pace_ms),
        "BENCH_REPORT": str(task.folder / "report.json"),
    }


def compiled(folder: Path) -> Floor | str:
    """The C reader, compiled now; or why there is none."""
    compiler = shutil.which("cc")
    if compiler is None:
        return "no C compiler (cc) is installed"
    binary = folder / "reader"
    argv = [compiler, "-O2", "-o", str(binary), str(FOLDER / "reader.c")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=COMPILE_S, check=False)
    return Floor(binary) if done.returncode == 0 else f"reader.c did not compile: {done.stderr[-500:]}"


def installed_k6() -> K6 | str:
    """k6, or why there is none."""
    binary = shutil.which("k6")
    return K6(binary) if binary else "k6 is not installed"


def inherited() -> dict[str, str]:
    """Our own environment, and where this package is found."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "LOCUST_SKIP_UPDATE_CHECK": "1"}
