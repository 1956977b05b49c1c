"""One measurement: a source and one client against it, each in a process of its own, gone when it is over."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from .children import CLIENT_CORE, SOURCE_CORE, Child, Failed
from .clients import Client, inherited, ours_argv, ours_environment, ours_totals, usual_argv, usual_environment
from .plans import ordered, reconnect
from .task import Task

Row: TypeAlias = dict[str, float]

READY_S = 30.0  # until every device is there
CALM_S = 0.3  # after that, before the first word
LATE_S = 30.0  # how far a client may fall behind the source
END_S = 30.0
CUT, STORMS = 1_000, 10  # devices that are cut at once, how many times
USERS, RECONNECT_S = 50, 3.0  # of the usual kind that come back, for how long
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Shape:
    """What every device is told."""

    devices: int
    words: int
    pace_ms: float


@contextlib.contextmanager
def source(shape: Shape, instants: Path | None = None) -> Iterator[tuple[Child, int]]:
    """The server, and its port."""
    given = ["--devices", str(shape.devices), "--words", str(shape.words), "--pace-ms", str(shape.pace_ms)]
    written = ["--instants", str(instants)] if instants else []
    argv = [sys.executable, "-m", "benchmarks.load.source", *given, *written]
    with Child("the source", argv, SOURCE_CORE, inherited(), talks=True) as server:
        yield server, server.heard("port", READY_S)


@contextlib.contextmanager
def tasked(shape: Shape, port: int) -> Iterator[Task]:
    """The task of one client, with a folder for as long."""
    with tempfile.TemporaryDirectory(prefix="load-benchmark-") as folder:
        yield Task(port, shape.devices, shape.words, shape.pace_ms, Path(folder))


def answers(client: Client, shape: Shape) -> Row:
    """Verified words per CPU second of the client's process, from the first word to the last one read, connections and
    start-up left out. Failed unless every word of every device was verified."""
    with (
        source(shape) as (server, port),
        tasked(shape, port) as task,
        Child(client.name, client.argv(task), CLIENT_CORE, client.env(task)) as child,
    ):
        row = streamed(server, child, task)
        child.ended(END_S)
        report = client.report(task, child.wrote())
    words = shape.devices * shape.words
    if report.verified != words or report.wrong:
        raise Failed(f"{client.name} verified {report.verified} of {words} words and found {report.wrong} wrong")
    return {"devices": shape.devices, **row, "events_per_cpu_s": words / row["cpu_s"]}


def streamed(server: Child, child: Child, task: Task) -> Row:
    """Let the source speak, from when every device has asked until every device has read the last word."""
    server.heard("asked", READY_S)
    time.sleep(CALM_S)
    before = child.cpu_s()
    server.say("begin")
    drained: Row = server.heard("drained", task.run_s + LATE_S)
    cpu_s = child.cpu_s() - before
    return {**drained, "cpu_s": cpu_s, "core": cpu_s / drained["seconds"], "rss_kb": child.rss_kb()}


def reconnects_of_ours() -> Row:
    """Storms of our load: all devices are cut at once and come back, again and again. Returns per CPU second, from
    before the first cut until the last device is back."""
    shape = Shape(CUT, 1, 1_000.0)
    with source(shape) as (server, port), tasked(shape, port) as task:
        argv = ours_argv(task, ordered(task, reconnect(task, STORMS)))
        with Child("ours", argv, CLIENT_CORE, ours_environment(task)) as child:
            _until(server, child, "held", CUT)
            row = _returned(server, child, lambda: _until(server, child, "returned", CUT * STORMS))
            child.ended(END_S)
            totals = ours_totals(task)
    if totals["refused"] or totals["errors"] or totals["resumes"] != CUT * STORMS:
        raise Failed(f"not every device came back each time: {totals['refused']} refused, {totals['errors']}")
    return row


def reconnects_of_usual() -> Row:
    """Usual users that come back as fast as they can, for some seconds: all the core is theirs."""
    shape = Shape(USERS, 1, 1_000.0)
    with source(shape) as (server, port), tasked(shape, port) as task:
        argv = [*usual_argv(task), "--run-time", f"{RECONNECT_S + 2:g}s"]
        with Child("locust", argv, CLIENT_CORE, usual_environment(task, "reconnect")) as child:
            _until(server, child, "returned", USERS)
            row = _returned(server, child, lambda: time.sleep(RECONNECT_S))
            child.ended(END_S)  # Locust's exit code tells of failures
    return row


def _returned(server: Child, child: Child, happens: Callable[[], None]) -> Row:
    cpu_s, returned, at = child.cpu_s(), count(server, "returned"), time.monotonic()
    happens()
    cpu_s, returned = child.cpu_s() - cpu_s, count(server, "returned") - returned
    seconds = time.monotonic() - at
    return {
        "cpu_s": cpu_s,
        "core": cpu_s / seconds,
        "per_s": returned / seconds,
        "reconnects_per_cpu_s": returned / cpu_s,
    }


def _until(server: Child, child: Child, what: str, wanted: int) -> None:
    deadline = time.monotonic() + READY_S
    while count(server, what) < wanted:
        if time.monotonic() > deadline:
            raise Failed(f"{child.name}: {count(server, what)} of {wanted} {what}: {child.wrote()}")
        time.sleep(POLL_S)


def count(server: Child, what: str) -> int:
    """What the source has counted so far; it answers when it is done with everything else."""
    server.say("count")
    counted: int = server.heard("counted", READY_S)[what]
    return counted
