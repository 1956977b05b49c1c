"""`python -m benchmarks` (`make bench`): every figure as JSON, to standard output and out/bench/audit.json."""

from __future__ import annotations

import json
from pathlib import Path

from . import judging, relay


def main() -> None:
    """Run every benchmark that takes seconds; `benchmarks.stability` takes minutes and is run by name."""
    figures = {"relay": relay.main(), "judging": judging.main()}
    text = json.dumps(figures, indent=1)
    path = Path("out/bench/audit.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
