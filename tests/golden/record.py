"""Record the golden histories again: `python -m tests.golden.record` (`make golden`).

The built-in reference is started and every plan below is played against it, as an audit would. What is stored is what
happened: times and ids differ from recording to recording, so look at the diff before committing it. With names of
plans (`python -m tests.golden.record crowd-join-1`) only those are recorded.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from audit import builtin
from audit.contract import ConcurrentSend
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
    "long-absence": (1, 2),  # back after the end; later than is promised
    "cursor-abuse": (1, 2, 3),  # garbage; from the future; of another session
    "flapping-network": (1, 2, 3),  # before any news; in the replay; five in a row
    "failing-agent": (1, 2),  # back after the failure; before it
    "stop-elsewhere": (1, 2, 3),  # from another device; after a reload; on a resumed stream
    "early-stop": (1, 2, 3),  # before the first word; in the queue; before the run has an id
    "double-text": (1, 2),  # queued; interrupting
}
INTERRUPTING = frozenset({"double-text-2"})  # played against a reference that is set to interrupt, and declares it
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


async def record(plans: tuple[TrialPlan, ...]) -> None:
    """Play plans, one after the other, so that no trial is disturbed by another one."""
    await _record_all([plan for plan in plans if plan.name not in INTERRUPTING], "queue")
    await _record_all([plan for plan in plans if plan.name in INTERRUPTING], "interrupt")


async def _record_all(plans: Sequence[TrialPlan], policy: ConcurrentSend) -> None:
    if not plans:
        return
    async with builtin.started(builtin.REFERENCE, ("--policy", policy)) as target:
        contract = replace(target.contract, concurrent_send=policy)
        bench = replace(bench_of(replace(target, contract=contract)), nonce="golden")
        pace = measure([await play(TrialPlan(SCENARIOS[0], TWIN, SEED, "standard"), bench, Pace(), io.StringIO())])
        for plan in plans:
            await _record(plan, bench, pace)


async def _record(plan: TrialPlan, bench: Bench, pace: Pace) -> None:
    with (HISTORIES / f"{plan.name}.jsonl").open("w", encoding="utf-8", newline="\n") as sink:
        history = await play(plan, bench, pace, sink)
    print(f"{plan.name}: {len(history.events)} events")


def main(names: list[str]) -> None:
    """Replace every stored history, or those that are named."""
    HISTORIES.mkdir(exist_ok=True)
    for path in HISTORIES.glob("*.jsonl"):
        if not names:
            path.unlink()
    asyncio.run(record(tuple(plan for plan in PLANS if not names or plan.name in names)))


if __name__ == "__main__":
    main(sys.argv[1:])
