"""One measurement: a source and one client against it, each in a process of its own, gone when it is over."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
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
RECONNECT_S = 3.0  # that are counted
PLAN_S = 7.0  # of our plan around them
RETURNING = 1_000  # devices that come back again and again


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
    """Devices of our load that are cut and come back, by plan: returns per CPU second."""
    shape = Shape(RETURNING, 1, 1_000.0)
    with source(shape) as (server, port), tasked(shape, port) as task:
        argv = ours_argv(task, ordered(task, reconnect(task, PLAN_S)))
        with Child("ours", argv, CLIENT_CORE, ours_environment(task)) as child:
            row = _returned(server, child, RETURNING)
            child.ended(END_S)
            totals = ours_totals(task)
    if totals["refused"] or totals["errors"]:
        raise Failed(f"our devices did not all come back: {totals['refused']} refused, {totals['errors']}")
    return row


def reconnects_of_usual(users: int = 50) -> Row:
    """Usual users that come back as fast as they can."""
    shape = Shape(users, 1, 1_000.0)
    with source(shape) as (server, port), tasked(shape, port) as task:
        argv = [*usual_argv(task), "--run-time", f"{PLAN_S:g}s"]
        with Child("locust", argv, CLIENT_CORE, usual_environment(task, "reconnect")) as child:
            row = _returned(server, child, users)
            child.ended(END_S)  # Locust's exit code tells of failures
    return row


def _returned(server: Child, child: Child, devices: int) -> Row:
    deadline = time.monotonic() + READY_S
    while _counted(server) < devices:
        if time.monotonic() > deadline:
            raise Failed(f"the devices of {child.name} do not come back: {child.wrote()}")
        time.sleep(0.1)
    cpu_s, returned, at = child.cpu_s(), _counted(server), time.monotonic()
    time.sleep(RECONNECT_S)
    cpu_s, returned = child.cpu_s() - cpu_s, _counted(server) - returned
    seconds = time.monotonic() - at
    return {
        "cpu_s": cpu_s,
        "core": cpu_s / seconds,
        "per_s": returned / seconds,
        "reconnects_per_cpu_s": returned / cpu_s,
    }


def _counted(server: Child) -> int:
    server.say("count")
    returned: int = server.heard("returned", READY_S)
    return returned
