"""How often an audit says the same: `python -m benchmarks.stability --seeds 20`.

Every built-in server is audited once a seed (other fault points, other delays, other load), and each result is held to
the table of tests/test_matrix.py. Verdicts must not depend on luck: 20 of 20 is wanted, also on a busy machine.

`--write docs/variability.md` holds the audits of a target to each other instead, and writes how far apart they are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from audit import builtin
from audit.result import AuditResult
from tests.test_matrix import audited, difference

from .stability_page import Machine, page

COMPARED = ("reference", "naive-sse", "cancel-on-disconnect")  # the targets of the page, unless others are named
PAGE_SEEDS = 10


def main() -> int:
    """Print a line for each target; 1 when any audit departed from the table."""
    options = _options()
    seeds = range(options.first, options.first + (options.seeds or (PAGE_SEEDS if options.write else 20)))
    if options.write:
        return _write(options.write, options.targets or COMPARED, seeds)
    held = [_repeated(name, seeds) for name in options.targets or builtin.NAMES]
    return 0 if all(held) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stability", description=__doc__)
    parser.add_argument("--seeds", type=int, help="how many audits of each target; 20, or 10 for the page")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--targets", nargs="+", choices=builtin.NAMES)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the measured variability to this page")
    return parser.parse_args()


def _repeated(name: str, seeds: range) -> bool:
    departed = {seed: found for seed in seeds if (found := difference(name, _audited(name, seed)))}
    print(f"{name}: {len(seeds) - len(departed)} of {len(seeds)}", flush=True)
    for seed, found in departed.items():
        print(f" seed {seed}:\n{found}", flush=True)
    return not departed


def _write(path: Path, names: Sequence[str], seeds: range) -> int:
    """Target by target, so that what was measured is kept when the rest is not waited for."""
    text, audits = path.read_text(encoding="utf-8"), dict[str, list[AuditResult]]()
    for name in names:
        audits[name] = [_audited(name, seed) for seed in seeds]
        path.write_text(page(text, audits, Machine.here()), encoding="utf-8")
        print(f"{name}: {len(seeds)} audits, written: {path}", flush=True)
    return 0


def _audited(name: str, seed: int) -> AuditResult:
    with tempfile.TemporaryDirectory(prefix="durable-audit-") as root:
        return audited(name, seed, Path(root))


if __name__ == "__main__":
    sys.exit(main())
