"""`python -m benchmarks.crashes`: kill -9 of everything, 50 rounds each, under 200 devices; out/bench/crashes.json.

Exit 1 when anything that was told was lost, repeated or contradicted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from .cases import CASES
from .rounds import Row, suffer

OUT = Path("out/bench/crashes.json")


def main() -> int:
    """Run, write, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crashes", description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES), help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.cases) - CASES.keys():
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    rows = [asyncio.run(_suffered(name, options)) for name in options.cases]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(_table(rows))
    return 1 if any(row["faults"] for row in rows) else 0


async def _suffered(name: str, options: argparse.Namespace) -> Row:
    with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
        case = CASES[name](Path(folder))
        return await suffer(
            case, rounds=options.rounds, sessions=options.sessions, devices=options.devices, seed=options.seed
        )


def _table(rows: list[Row]) -> str:
    lines = [
        "| killed | rounds | devices | events told | prompts acknowledged | resumes | endings | wrong |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        endings = ", ".join(f"{number:,} {reason}" for reason, number in sorted(row["endings"].items()))
        numbers = " | ".join(f"{row[name]:,}" for name in ("rounds", "devices", "events", "prompts", "resumes"))
        lines.append(f"| {row['case']} | {numbers} | {endings} | {len(row['faults'])} |")
    wrong = [fault for row in rows for fault in row["faults"]]
    return "\n".join([*lines, *wrong[:20]])


if __name__ == "__main__":
    sys.exit(main())
