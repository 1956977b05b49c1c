"""One measurement: a server, and readers against it that check every event. Rows say CPU seconds of the server."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..load.children import CLIENT_CORE, Child, Failed
from .servers import Server, connected, send, started

Row: TypeAlias = dict[str, float]

COMPILE_S = 60.0
READY_S, DRAINED_S = 60.0, 120.0
CALM_S = 0.5  # until the server is done with what came before
FILLING = "durable sessions outlive the connections that carry them, again and again"  # as drain.c says it


@dataclass(frozen=True, slots=True)
class Live:
    """Readers at the tail, and appends to it: one at a time, over HTTP, acknowledged."""

    readers: int
    appends: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Storm:
    """Readers that come back at once, each having missed as many events."""

    readers: int
    missed: int


def compiled(folder: Path) -> Path:
    """The C reader, compiled now. Raises Failed."""
    compiler, binary = shutil.which("cc"), folder / "drain"
    if compiler is None:
        raise Failed("no C compiler (cc) is installed")
    argv = [compiler, "-O2", "-o", str(binary), str(Path(__file__).with_name("drain.c"))]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=COMPILE_S, check=False)
    if done.returncode:
        raise Failed(f"drain.c did not compile: {done.stderr[-500:]}")
    return binary


def live(drain: Path, server: Server, shape: Live) -> Row:
    """From the first append until every reader has the last one."""
    with started(server) as (child, port):
        _create(port, "live")
        with _readers(drain, "live", port, shape.readers, 1, shape.appends, shape.per_s) as readers:
            row = _spent(child, readers, shape.readers * shape.appends)
    return {**row, "deliveries_per_cpu_s": shape.readers * shape.appends / row["cpu_s"]}


def storms(drain: Path, server: Server, shapes: tuple[Storm, ...]) -> list[Row]:
    """For each shape: from the first connection until every reader has everything. The same process for all."""
    rows = []
    with started(server) as (child, port):
        for shape in shapes:
            name = f"storm-{shape.missed}"
            _create(port, name)
            _fill(port, name, shape.missed)
            with _readers(drain, "storm", port, shape.readers, 1, shape.missed, 0, name) as readers:
                row = _spent(child, readers, shape.readers * shape.missed)
            rows.append({**row, "ms_per_resume": 1_000 * row["cpu_s"] / shape.readers})
    return rows


def held(drain: Path, server: Server, few: int, many: int) -> Row:
    """Resident memory that each reader more costs, of a stream at whose tail nothing happens."""
    with started(server) as (child, port):
        _create(port, "held")
        with _readers(drain, "hold", port, few, 1, 1, 0, "held") as some:
            some.heard("ready", READY_S)
            time.sleep(CALM_S)
            before = child.rss_kb()
            with _readers(drain, "hold", port, many, 1, 1, 0, "held") as others:
                others.heard("ready", READY_S)
                time.sleep(CALM_S)
                after = child.rss_kb()
    return {"rss_kb": after, "kb_per_reader": (after - before) / many}


@contextlib.contextmanager
def _readers(
    drain: Path, mode: str, port: int, count: int, first: int, last: int, per_s: float, path: str = "live"
) -> Iterator[Child]:
    numbers = [str(each) for each in (count, first, last, per_s)]
    with Child(f"drain {mode}", [str(drain), mode, str(port), path, *numbers], CLIENT_CORE, talks=True) as child:
        yield child


def _spent(server: Child, readers: Child, deliveries: int) -> Row:
    readers.heard("ready", READY_S)
    time.sleep(CALM_S)
    before = server.cpu_s()
    readers.say("begin")
    told = readers.heard("drained", DRAINED_S)
    cpu_s = server.cpu_s() - before
    if told["verified"] != deliveries or told["wrong"]:
        raise Failed(f"{server.name}: {told['verified']} of {deliveries} events came in order, {told['wrong']} did not")
    return {"seconds": told["seconds"], "cpu_s": cpu_s, "core": cpu_s / told["seconds"]}


def _create(port: int, path: str) -> None:
    with connected(port) as connection:
        send(connection, "PUT", path)


def _fill(port: int, path: str, events: int) -> None:
    """One append an event, as an agent would."""
    with connected(port) as connection:
        for number in range(1, events + 1):
            send(connection, "POST", path, json.dumps({"n": number, "text": FILLING}, separators=(",", ":")))
