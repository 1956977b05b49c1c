"""Playing small trials: a target by its address, scenarios of a few lines, no waiting longer than needed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from audit.checks import RULES
from audit.checks.base import Rule
from audit.contract import RESILIENT_DELIVERY
from audit.history import History
from audit.runner import bench_of
from audit.scenario import Scenario, Script, TrialPlan
from audit.stage import Pace, Stage, Waits
from audit.target_reading import load_target
from audit.trial import Bench, play
from reference_impl.server import build_app, listening

QUICK = Waits(first_item_s=1.0, resume_s=0.5, grace_s=0.2)


async def ask_and_settle(stage: Stage) -> None:
    """Ask for a few words on a phone while a laptop watches."""
    phone, laptop = await stage.devices("phone", "laptop")
    run = stage.counting(8, pace_ms=2)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.reach(phone, run)
    await stage.settle()


def scenario(script: Script = ask_and_settle, id: str = "story", rules: Iterable[Rule] = RULES) -> Scenario:
    """A scenario around a script."""
    return Scenario(id, "Story", "why", RESILIENT_DELIVERY, script, tuple(rules))


def bench(url: str, protocol: str = "session", more: str = "", waits: Waits = QUICK) -> Bench:
    """What trials against this address share. more: further lines of the target file."""
    text = f'name = "story"\nbase_url = "{url}"\nprotocol = "{protocol}"\n{more}'
    return replace(bench_of(load_target(text, {})), waits=waits, nonce="test")


@contextlib.asynccontextmanager
async def reference(more: str = "") -> AsyncIterator[Bench]:
    """A bench at a running reference server."""
    async with listening(build_app(), "127.0.0.1", 0) as url:
        yield bench(url, more=more)


async def played(made: Bench, script: Script = ask_and_settle, number: int = 1) -> History:
    """One trial of a script."""
    return await play(TrialPlan(scenario(script), number, 7, "quick"), made, Pace(), io.StringIO())
