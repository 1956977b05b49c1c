"""Of what is compared."""

from __future__ import annotations

import contextlib
import json
from importlib import metadata

from .servers import ROOT

PACKAGES = ("durable-audit", "aiohttp", "uvloop")
INSTALLED = ROOT / ".third-party" / "durable_streams" / "node_modules"


def versions() -> dict[str, str]:
    """Ours, the vendor's, and the Node that runs it when a newer one than the system's was installed."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    for path in (INSTALLED / "@durable-streams" / "server", *INSTALLED.glob("node-linux-*")):
        with contextlib.suppress(OSError):
            told = json.loads((path / "package.json").read_text(encoding="utf-8"))
            found[told["name"]] = told["version"]
    return found
