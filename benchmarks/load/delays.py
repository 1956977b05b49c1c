"""How wrong a measured delay is: what our load takes for the arrival of each word, against when it was sent."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from audit.load.drive import LOCUSTFILE
from audit.load.figures import Histogram

from .children import CLIENT_CORE, Child, Failed
from .clients import FOLDER, ours_argv, ours_environment, ours_totals
from .measure import END_S, Row, Shape, count, source, streamed, tasked
from .plans import follow, ordered
from .task import Task


def delay_errors(shape: Shape, clock: str) -> Row:
    """Milliseconds from the instant just before the source's `send` of a word to the instant that our load, with this
    clock, takes for its arrival: both on the machine's one monotonic clock. The way over loopback is in it, so it is
    more than the error. engine_p99_ms: what the engine itself says, from the kernel's stamp to its own reading."""
    with tempfile.TemporaryDirectory(prefix="load-benchmark-") as folder:
        sent, arrived = Path(folder) / "sent.json", Path(folder) / "arrived.json"
        with source(shape, sent) as (server, port), tasked(shape, port) as task:
            env = {**ours_environment(task), "BENCH_ARRIVALS": str(arrived)}
            with Child("ours", _argv(task, clock), CLIENT_CORE, env) as child:
                streamed(server, child, task)
                child.ended(END_S)
            count(server, "held")  # it has written its file
            told = Histogram.load(ours_totals(task)["health"]["delay_error"]).quantile(0.99)
        return {**_compared(sent, arrived), "engine_p99_ms": told if told is not None else -1.0}


def _argv(task: Task, clock: str) -> list[str]:
    """Our load's command line with recorded.py as its locustfile."""
    changed = {str(LOCUSTFILE): str(FOLDER / "recorded.py"), "Devices": "Recorded"}
    order = ordered(task, follow(task), clock)
    return [changed.get(part, part) for part in ours_argv(task, order)]


def _compared(sent: Path, arrived: Path) -> Row:
    instants = {(device, offset): at for device, offset, at in json.loads(sent.read_text())}
    rows = json.loads(arrived.read_text())
    if len(rows) != len(instants):
        raise Failed(f"{len(instants)} words were sent, {len(rows)} arrivals were written down")
    errors = sorted((at - instants[device, offset]) * 1e3 for device, offset, at in rows)
    return {
        "p50_ms": errors[len(errors) // 2],
        "p99_ms": errors[len(errors) * 99 // 100],
        "p999_ms": errors[len(errors) * 999 // 1000],
        "least_ms": errors[0],
    }
