"""The load under Locust, and the only module that imports Locust (which patches the whole process).

`durable-audit load` runs this file in child processes. In a locustfile of your own, subclass `DurableSessionUser` and
give it an `order`; one user of it per process holds all the devices of that process.
"""

from __future__ import annotations

import json
import os
from functools import reduce
from pathlib import Path
from typing import Any, ClassVar

import gevent
from gevent.monkey import get_original
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import LocalRunner, MasterRunner, WorkerRunner
from locust.stats import StatsEntry

from audit.event import Value
from audit.load.bridge import Bridge
from audit.load.order import ORDER_ENV, TOTALS_ENV, Order
from audit.load.report_of import merge_totals
from audit.load.statistics import VIOLATIONS, entries

MERGE_S = 0.25
METHOD = "DA"
REPORT_KEY = "durable_audit"


class DurableSessionUser(User):
    """Holds the devices of this process: verified, at full rate, beside Locust's own statistics."""

    abstract = True
    order: ClassVar[Order | None] = None

    @task
    def live(self) -> None:
        """Start the crowd of this process, feed Locust's statistics while it lives, end when it has drained."""
        part = _part(self.environment.runner)
        bridge = Bridge(self.order or Order.from_environment(), part)
        _LIVING.append(bridge)
        bridge.start(get_original("_thread", "start_new_thread"))
        while not bridge.ended:
            gevent.sleep(MERGE_S)
            _merge(self.environment, bridge)
        _merge(self.environment, bridge)
        _settle(self.environment, bridge)
        raise StopUser  # a task that only returned would be begun again


class Devices(DurableSessionUser):
    """What `durable-audit load` runs."""


_LIVING: list[Bridge] = []
_TOTALS: dict[str, Value] = {}
_ERRORS: list[str] = []
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
        gevent.spawn_later(MERGE_S, environment.runner.quit)


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

    @events.worker_report.add_listener
    def collect(client_id: str, data: dict[str, Any], **_: Any) -> None:
        told = data.get(REPORT_KEY) or {}
        if told.get("totals"):
            _TOTALS[client_id] = told["totals"]
        _ERRORS.extend(f"{client_id}: {error}" for error in told.get("errors", ()))
        if len(_TOTALS) + len({error.partition(":")[0] for error in _ERRORS}) >= wanted:
            gevent.spawn_later(MERGE_S, runner.quit)


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
    Path(path).write_text(json.dumps({"totals": totals, "parts": len(parts), "errors": sorted(set(_ERRORS))}))
