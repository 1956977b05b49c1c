"""The load under Locust, and the only module that imports Locust (which patches the whole process).

`durable-audit load` runs this file in child processes. In a locustfile of your own, subclass `DurableSessionUser` and
give it an `order`; one user of it per process holds all the devices of that process.
"""

from __future__ import annotations

import json
import os
from functools import reduce
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar

import gevent
from gevent.monkey import get_original
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import LocalRunner, MasterRunner, WorkerRunner
from locust.stats import StatsEntry

from audit.event import Value
from audit.files import write_atomic
from audit.load.bridge import Bridge
from audit.load.order import BEGUN_ENV, ORDER_ENV, TOTALS_ENV, Order
from audit.load.report_of import merge_totals
from audit.load.statistics import VIOLATIONS, entries

MERGE_S = 0.25
LOST_S = 10.0  # a worker that Locust has not heard of for so long, and 3 s more, is lost
METHOD = "DA"
REPORT_KEY = "durable_audit"


class DurableSessionUser(User):
    """Holds the devices of this process: verified, at full rate, beside Locust's own statistics."""

    abstract = True
    order: ClassVar[Order | None] = None

    @task
    def live(self) -> None:
        """Start the crowd of this process, feed Locust's statistics while it lives, end when it has drained."""
        if _LIVING:  # Locust spawns users anew when a worker is lost; the devices of that one are not ours
            raise StopUser
        part = _part(self.environment.runner)
        bridge = Bridge(self.order or Order.from_environment(), part)
        _LIVING.append(bridge)
        bridge.start(get_original("_thread", "start_new_thread"))
        while not bridge.ended:
            gevent.sleep(MERGE_S)
            _merge(self.environment, bridge)
            if part == 0 and bridge.zero:
                _begun(bridge.zero)
        _merge(self.environment, bridge)
        _settle(self.environment, bridge)
        raise StopUser  # a task that only returned would be begun again


class Devices(DurableSessionUser):
    """What `durable-audit load` runs."""


_LIVING: list[Bridge] = []
_TOTALS: dict[str, Value] = {}
_ERRORS: list[str] = []
_LOST: dict[str, str] = {}
_is_worker = False


def _part(runner: Any) -> int:
    index = getattr(runner, "worker_index", 0) if isinstance(runner, WorkerRunner) else 0
    return max(0, int(index))


def _merge(environment: Environment, bridge: Bridge) -> None:
    """Add what was measured since the last time to Locust's statistics, in bulk."""
    for fresh in bridge.take():
        for name, entry in entries(fresh, environment.stats, StatsEntry, METHOD):
            environment.stats.get(name, METHOD).extend(entry)
            environment.stats.total.extend(entry)


def _settle(environment: Environment, bridge: Bridge) -> None:
    """The crowd of this process has ended: tell its violations as failures, hand its totals on."""
    totals = bridge.totals()
    if totals is None:
        _ERRORS.append(bridge.error or "the load ended without a result")
    else:
        for name in VIOLATIONS:
            for _ in range(min(totals["counts"].get(name, 0), 1_000)):
                environment.stats.log_error(METHOD, name, f"{name}: see the load report")
        _TOTALS["self"] = totals
    if isinstance(environment.runner, LocalRunner):
        gevent.spawn_later(MERGE_S, _end, environment)


def _end(environment: Environment) -> None:
    """The load is over, and so are Locust and its page."""
    if environment.runner is not None:
        environment.runner.quit()
    if environment.web_ui is not None:
        environment.web_ui.stop()  # type: ignore[no-untyped-call]


def _begun(zero: float) -> None:
    """Tell the process that started us when the plan began, once."""
    path = Path(os.environ.get(BEGUN_ENV, ""))
    if path.name and not path.exists():
        write_atomic(path, f"{zero!r}\n")


@events.report_to_master.add_listener
def _ship(client_id: str, data: dict[str, Any], **_: Any) -> None:
    data[REPORT_KEY] = {"totals": _TOTALS.get("self"), "errors": list(_ERRORS)}


@events.init.add_listener
def _receive(environment: Environment, **_: Any) -> None:
    global _is_worker  # noqa: PLW0603  # `quit` does not say whose process it is
    _is_worker = isinstance(environment.runner, WorkerRunner)
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        return
    wanted = Order.from_environment().processes if os.environ.get(ORDER_ENV) else 1
    gevent.spawn(_watch, environment, runner, wanted)

    @events.worker_report.add_listener
    def collect(client_id: str, data: dict[str, Any], **_: Any) -> None:
        told = data.get(REPORT_KEY) or {}
        if told.get("totals"):
            _TOTALS[client_id] = told["totals"]
        _ERRORS.extend(f"{client_id}: {error}" for error in told.get("errors", ()))


def _watch(environment: Environment, runner: MasterRunner, wanted: int) -> None:
    """On a master: end when every worker has told what it saw, broke, or is lost."""
    known: set[str] = set()
    silent: dict[str, float] = {}  # since when
    while len({*_TOTALS, *_LOST, *(error.partition(":")[0] for error in _ERRORS)}) < wanted:
        gevent.sleep(MERGE_S)
        there = set(runner.clients) - {client.id for client in runner.clients.missing}
        known |= there
        silent = {id: silent.get(id, monotonic()) for id in known - there - set(_TOTALS)}
        for id in (id for id, since in silent.items() if monotonic() - since > LOST_S):
            _LOST.setdefault(id, f"worker {runner.worker_indexes.get(id)} ({id})")
    gevent.sleep(MERGE_S)
    _end(environment)


@events.test_start.add_listener
def _start(environment: Environment, **_: Any) -> None:
    """A master whose workers are on other machines has only its own idea of when they began."""
    options = environment.parsed_options
    if isinstance(environment.runner, MasterRunner) and not getattr(options, "processes", None):
        _begun(monotonic())


@events.test_stopping.add_listener
def _drain(environment: Environment, **_: Any) -> None:
    """Ctrl-C, the stop button, or the run time is over: let every crowd drain, so that there is a report."""
    for bridge in _LIVING:
        bridge.finish("stopped")
    while any(not bridge.ended for bridge in _LIVING):
        gevent.sleep(MERGE_S)
    for bridge in _LIVING:
        totals = bridge.totals()
        if totals is not None:
            _TOTALS["self"] = totals


@events.quit.add_listener
def _write(exit_code: int | None, **_: Any) -> None:
    path = os.environ.get(TOTALS_ENV)
    if not path or _is_worker:
        return
    parts = list(_TOTALS.values())
    totals = reduce(merge_totals, parts) if parts else None
    told = {"totals": totals, "parts": len(parts), "errors": sorted(set(_ERRORS)), "lost": sorted(_LOST.values())}
    Path(path).write_text(json.dumps(told))
