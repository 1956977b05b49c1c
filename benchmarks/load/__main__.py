"""`python -m benchmarks.load` (`make bench-load`): figures, ratios and raw rounds to out/bench/load.json. Linux only.

It takes eight minutes, and needs two cores that nobody else uses for its delays to mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from .clients import compiled, installed_k6
from .figures import figures
from .machine import facts, versions
from .rounds import ROUNDS, run

OUT = Path("out/bench/load.json")


def main() -> int:
    """Measure, write, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of every client in turn (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    if sys.platform != "linux":
        print("the comparison is made with epoll and Linux's clocks: it runs on Linux only", file=sys.stderr)
        return 2
    machine = facts()
    with tempfile.TemporaryDirectory(prefix="load-benchmark-") as folder:
        floor, k6 = compiled(Path(folder)), installed_k6()
        found = run(floor, k6, options.rounds)
    machine["load_after"] = [round(value, 2) for value in os.getloadavg()]
    reasons = {name: each for name, each in (("events_vs_c", floor), ("events_vs_k6", k6)) if isinstance(each, str)}
    told = figures(found.rows)
    whole = {**told, "reasons": reasons, "failed": found.failed, "machine": machine, "versions": versions()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**whole, "rows": found.rows}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(whole, indent=1))
    return 3 if found.failed else 0


if __name__ == "__main__":
    sys.exit(main())
