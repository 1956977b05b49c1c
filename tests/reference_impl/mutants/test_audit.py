"""What an audit says of a few mutants whose defect is always on: the rules that each of them names.

Of all of them, as rare as they are meant to be: `make selftest`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audit.campaign import Order, audit, judge_again
from audit.finding import Verdict
from audit.target_reading import load_target
from reference_impl.mutants import MUTANTS, Mutant
from scenarios import SCENARIOS

from .support import serving

pytestmark = pytest.mark.sockets

PLAYED_IDS = {"network-drop", "long-absence", "lost-reply", "midstream-stop", "stop-elsewhere"}
AUDITED_IDS = ("resume-skip", "seam-repeat", "stop-lost", "burst-reorder", "end-missing", "cross-talk", "gap-silent")
AUDITED = tuple(each for each in MUTANTS if each.id in AUDITED_IDS)
PLAYED = tuple(each for each in SCENARIOS if each.id in PLAYED_IDS)
JUDGED = {rule.id for scenario in PLAYED for rule in scenario.checks}

TARGET = """
name = "mutant"
base_url = "{url}"
protocol = "session"
[contract]
disconnect = "continue"
concurrent_send = "queue"
retention_s = 86400
stop_budget_ms = 1000
idempotency = "key"
"""


async def gaps(mutant: Mutant, rate: float, root: Path) -> set[str]:
    """The rules with a gap after a quick audit."""
    async with serving(mutant.id, rate) as url:
        target = load_target(TARGET.format(url=url), {})
        store = await audit(
            target, Order(PLAYED, "quick", 7, 8), root / mutant.id, ["test"], "mutant.toml", lambda _: None
        )
    return {found.rule for found in judge_again(store.path, PLAYED).findings if found.verdict is Verdict.GAP}


async def test_every_one_of_them_trips_its_rules(tmp_path: Path) -> None:
    found = await asyncio.gather(*(gaps(mutant, 1, tmp_path) for mutant in AUDITED))
    for mutant, tripped in zip(AUDITED, found, strict=True):
        wanted = set(mutant.trips.rules) & JUDGED
        assert bool(wanted) is bool(mutant.trips.rules), mutant.id
        assert wanted <= tripped, mutant.id
