"""How often an audit says the same: `python -m benchmarks.stability --seeds 20`.

Every built-in server is audited once a seed (other fault points, other delays, other load), and each result is held to
the table of tests/test_matrix.py. Verdicts must not depend on luck: 20 of 20 is wanted, also on a busy machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from audit import builtin
from tests.test_matrix import audited, difference


def main() -> int:
    """Print a line for each target; 1 when any audit departed from the table."""
    options = _options()
    held = [_repeated(name, range(options.first, options.first + options.seeds)) for name in options.targets]
    return 0 if all(held) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stability", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many audits of each target")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--targets", nargs="+", choices=builtin.NAMES, default=builtin.NAMES)
    return parser.parse_args()


def _repeated(name: str, seeds: range) -> bool:
    departed = {seed: found for seed in seeds if (found := _departure(name, seed))}
    print(f"{name}: {len(seeds) - len(departed)} of {len(seeds)}", flush=True)
    for seed, found in departed.items():
        print(f" seed {seed}:\n{found}", flush=True)
    return not departed


def _departure(name: str, seed: int) -> str:
    with tempfile.TemporaryDirectory(prefix="durable-audit-") as root:
        return difference(name, audited(name, seed, Path(root)))


if __name__ == "__main__":
    sys.exit(main())
