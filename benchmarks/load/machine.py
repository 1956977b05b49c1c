"""Where a figure was measured, and with what."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("durable-audit", "locust", "gevent", "websocket-client", "uvloop", "msgspec")
ASK_S = 10.0


def facts() -> dict[str, object]:
    """The machine, and how busy others keep it: far more than the benchmark's own two processes is no calm run."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "pinned": shutil.which("taskset") is not None and (os.cpu_count() or 1) > 1,
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Of everything that is compared."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    for tool, option in (("k6", "version"), ("cc", "--version")):
        if path := shutil.which(tool):
            done = subprocess.run([path, option], capture_output=True, text=True, timeout=ASK_S, check=False)
            found[tool] = done.stdout.partition("\n")[0]
    return found


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
