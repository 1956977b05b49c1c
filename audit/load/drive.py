"""Runs Locust in child processes and brings back what the devices counted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import HarnessError
from ..event import Value
from .hooks import Hook, HookTimes
from .order import BEGUN_ENV, ORDER_ENV, TOTALS_ENV, Order
from .result import HookResult

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
STOP_S = 30  # a stopped user may take so long to drain
TAIL = 12  # lines of Locust's own words in an error


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the load is spread. role: `alone` (this machine), `master` (waits for workers) or `worker`.

    host, port: of the master, for a worker. web: Locust's page instead of headless (its port, 0: none).
    """

    role: str = "alone"
    host: str = "127.0.0.1"
    port: int = 5557
    web: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: the merged totals (None: nothing did), how many processes told theirs, what broke, which workers
    were lost, how the deploy hook fared."""

    totals: Value | None
    parts: int
    errors: tuple[str, ...]
    lost: tuple[str, ...] = ()
    deploys: tuple[HookResult, ...] = ()


def drive(order: Order, spread: Distribution, deploy: Hook) -> Outcome:
    """Run the load to its end. Ctrl-C is passed on once: devices drain, and there is an outcome all the same.

    deploy: what to run at the plan's deploys; a worker runs none, its master does.
    """
    with tempfile.TemporaryDirectory(prefix="durable-audit-load-") as folder:
        told, totals, begun = (Path(folder) / name for name in ("order.json", "totals.json", "begun"))
        order.save(told)
        environment = {**os.environ, ORDER_ENV: str(told), TOTALS_ENV: str(totals), BEGUN_ENV: str(begun)}
        instants = order.churn.deploys if spread.role != "worker" else ()
        with (
            (Path(folder) / "locust.log").open("w+", encoding="utf-8", errors="replace") as log,
            HookTimes(deploy, instants, begun) as deploys,
        ):
            _wait(command(order, spread), {**environment, "LOCUST_SKIP_UPDATE_CHECK": "1"}, log.fileno())
            log.seek(0)
            said = log.read().splitlines()
        return replace(_outcome(totals, spread, said), deploys=tuple(deploys.done))


def command(order: Order, spread: Distribution) -> list[str]:
    """Locust's command line. -P: a folder of the user's must not shadow our packages."""
    base = [sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE), "Devices", "--stop-timeout", str(STOP_S)]
    if spread.role == "worker":
        return [*base, "--worker", "--master-host", spread.host, "--master-port", str(spread.port)]
    count = str(order.processes)
    page = ["--web-host", "127.0.0.1", "--web-port", str(spread.web), "--autostart"]
    shown = page if spread.web else ["--headless"]
    users = ["-u", count, "-r", count, "--only-summary"]
    if spread.role == "master":
        return [*base, *shown, *users, "--master", "--master-bind-port", str(spread.port), "--expect-workers", count]
    return [*base, *shown, *users, *(_several(count) if order.processes > 1 else [])]


def _several(count: str) -> list[str]:
    """Workers of our own, which meet on a port that nobody uses and only this machine can reach: several loads may run
    at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    meeting = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    return ["--processes", count, *meeting]


def _wait(argv: Sequence[str], environment: dict[str, str], log: int) -> None:
    process = subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    try:
        process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(STOP_S + 15)
    finally:
        with suppress(ProcessLookupError):  # workers outlive a master that broke
            os.killpg(process.pid, signal.SIGKILL)  # the group that we made for it, nobody else's
        process.wait()


def _outcome(path: Path, spread: Distribution, said: Sequence[str]) -> Outcome:
    if spread.role == "worker":
        return Outcome(None, 0, ())
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = "\n    ".join(said[-TAIL:])
        raise HarnessError(f"Locust ended without telling its totals; the last it said:\n    {last}") from None
    return Outcome(told["totals"], int(told["parts"]), tuple(told["errors"]), tuple(told["lost"]))
