"""Record the golden histories again: `python -m tests.golden.record` (`make golden`).

The built-in reference is started and every plan below is played against it, as an audit would. What is stored is what
happened: times and ids differ from recording to recording, so look at the diff before committing it.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

from audit import builtin
from audit.history import History, load_history
from audit.runner import bench_of, measure
from audit.scenario import TWIN, TrialPlan
from audit.stage import Pace
from audit.trial import Bench, play
from scenarios import SCENARIOS

HISTORIES = Path(__file__).resolve().parent / "histories"
SEED = 11
VARIANTS = {
    "network-drop": (1, 2, 5, 10),  # middle; inside a character; after the end; back to back
    "device-join": (1, 5),  # middle; after the end
    "stop-elsewhere": (1, 2, 3),  # from another device; after a reload; on a resumed stream
}
PLANS = tuple(
    TrialPlan(scenario, number, SEED, "standard")
    for scenario in SCENARIOS
    for number in VARIANTS.get(scenario.id, (1,))
)


def goldens() -> tuple[History, ...]:
    """The stored histories, in the order of the plans; HistoryError when one is damaged."""
    return tuple(golden(plan.scenario.id, plan.number) for plan in PLANS)


def golden(scenario: str, number: int = 1) -> History:
    """One stored history."""
    path = HISTORIES / f"{scenario}-{number}.jsonl"
    return load_history(path.read_text(encoding="utf-8").splitlines(), path.name)


async def record() -> None:
    """Play every plan, one after the other, so that no trial is disturbed by another one."""
    async with builtin.started(builtin.REFERENCE) as target:
        bench = replace(bench_of(target), nonce="golden")
        pace = measure([await play(TrialPlan(SCENARIOS[0], TWIN, SEED, "standard"), bench, Pace(), io.StringIO())])
        for plan in PLANS:
            await _record(plan, bench, pace)


async def _record(plan: TrialPlan, bench: Bench, pace: Pace) -> None:
    with (HISTORIES / f"{plan.name}.jsonl").open("w", encoding="utf-8", newline="\n") as sink:
        history = await play(plan, bench, pace, sink)
    print(f"{plan.name}: {len(history.events)} events")


def main() -> None:
    """Replace every stored history."""
    HISTORIES.mkdir(exist_ok=True)
    for path in HISTORIES.glob("*.jsonl"):
        path.unlink()
    asyncio.run(record())


if __name__ == "__main__":
    main()
