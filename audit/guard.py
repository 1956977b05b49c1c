"""Stops with a clear message when another package named like one of ours shadows it.

`audit`, `scenarios`, `reports` and `reference_impl` are plain names: a folder of the same name in the user's project
wins when Python is started there with `-m`.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

OURS = ("scenarios", "reports", "reference_impl")


def shadowed() -> str:
    """What shadows which of our packages, and what to do; empty when nothing does."""
    home = Path(__file__).resolve().parent.parent
    for name in OURS:
        spec = find_spec(name)
        where = Path(spec.origin).resolve().parent if spec is not None and spec.origin else None
        if where != home / name:
            found = f"the one at {where}" if where else "none, or one without __init__.py"
            return (
                f"durable-audit needs its own package {name!r} (in {home}), but Python finds {found}.\n"
                "  Start it with the durable-audit command, or with python -P -m audit.cli, outside that folder."
            )
    return ""


def check() -> None:
    """Leave with exit code 2 and that message."""
    if message := shadowed():
        print(message, file=sys.stderr)
        raise SystemExit(2)
