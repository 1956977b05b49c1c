"""What judging costs: CPU seconds per 1,000 events, over the golden histories and all the rules of their scenarios."""

from __future__ import annotations

import time
from pathlib import Path

from audit.history import dump_history, load_history
from audit.judge import judge
from scenarios import SCENARIOS

GOLDEN = Path(__file__).resolve().parent.parent / "tests/golden/histories"
ROUNDS = 5


def main() -> dict[str, float]:
    """CPU milliseconds per 1,000 events to load and to judge."""
    rules = {scenario.id: scenario.checks for scenario in SCENARIOS}
    loading = judging = events = 0.0
    for path in sorted(GOLDEN.glob("*.jsonl")) * ROUNDS:
        lines = path.read_text(encoding="utf-8").splitlines()
        begun = time.process_time()
        history = load_history(lines, path.name)
        loaded = time.process_time()
        judge(history, rules[str(history.meta["scenario"])])
        judging += time.process_time() - loaded
        loading += loaded - begun
        events += len(history.events)
        assert dump_history(history).count("\n") == len(lines)
    return {"events": events, "load_ms_per_1000": loading / events * 1e6, "judge_ms_per_1000": judging / events * 1e6}
