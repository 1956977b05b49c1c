"""`python -m benchmarks.reference` (`make bench-reference`): ratios and raw rounds to out/bench/reference.json.

Linux only. It takes five minutes, and needs two cores that nobody else uses.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from ..load.children import Failed
from ..load.machine import facts
from .figures import figures
from .measure import compiled
from .rounds import ROUNDS, run
from .versions import versions

OUT = Path("out/bench/reference.json")


def main() -> int:
    """Measure, write, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reference", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of every server in turn (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    if sys.platform != "linux":
        print("the comparison is made with epoll and Linux's clocks: it runs on Linux only", file=sys.stderr)
        return 2
    machine = facts()
    with tempfile.TemporaryDirectory(prefix="reference-benchmark-") as folder:
        try:
            found = run(compiled(Path(folder)), options.rounds)
        except Failed as problem:
            print(problem, file=sys.stderr)
            return 3
    machine["load_after"] = [round(value, 2) for value in os.getloadavg()]
    whole = {**figures(found.rows), "failed": found.failed, "machine": machine, "versions": versions()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**whole, "rows": found.rows}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(whole, indent=1))
    return 3 if found.failed else 0


if __name__ == "__main__":
    sys.exit(main())
