"""Running an audit: twins first, then every trial, a few at a time; each leaves its history in the store."""

from __future__ import annotations

import asyncio
import platform
import ssl
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from secrets import token_hex
from typing import Protocol, TextIO

from . import __version__, adapters
from .adapters.base import Adapter
from .calm import calm
from .checks.oracle import counted
from .checks.screen import labels, screens
from .checks.words import words
from .errors import HarnessError, Unreachable
from .event import Phase
from .history import History
from .judge import unstruck
from .scenario import RULESET, TrialPlan
from .stage import Pace, Waits
from .target import Target
from .trial import Bench, play

REACH_S = 5.0
ATTEMPTS = 3  # at a trial whose fault comes too late, because the target is quick or this machine busy


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in a run so far, for people: a trial ended."""

    done: int
    total: int
    plan: TrialPlan


class OpenSink(Protocol):
    """Opens what a trial's history is written to. again: what it left is forgotten."""

    def __call__(self, name: str, again: bool) -> TextIO:
        """`name`: of the trial."""


def versions() -> dict[str, str]:
    """What produced a history: recorded in each."""
    return {"durable-audit": __version__, "ruleset": RULESET, "python": platform.python_version()}


def adapter_of(target: Target) -> Adapter:
    """The target's protocol, configured."""
    for kind in adapters.ADAPTERS:
        if kind.id == target.protocol:
            return kind.build(target.options)
    raise HarnessError(f"no adapter for protocol {target.protocol!r}")


async def reach(bench: Bench) -> None:
    """Dial the target once; Unreachable says what to check. Takes at most REACH_S seconds."""
    host, port = bench.address
    try:
        async with asyncio.timeout(REACH_S):
            name = host if bench.tls else None
            _, writer = await asyncio.open_connection(host, port, ssl=bench.tls, server_hostname=name)
            writer.close()
    except (OSError, TimeoutError) as error:
        raise Unreachable(_advice(bench, error)) from error


def bench_of(target: Target) -> Bench:
    """What all trials against a target share."""
    return Bench(
        target,
        adapter_of(target),
        token_hex(4),
        _tls(target),
        Waits(stop_s=target.contract.stop_budget_ms / 1e3),
        versions(),
    )


async def run(
    bench: Bench,
    plans: tuple[TrialPlan, ...],
    jobs: int,
    open_sink: OpenSink,
    tell: Callable[[Step], None],
    more: Callable[[Sequence[tuple[TrialPlan, History]]], tuple[TrialPlan, ...]] = lambda _: (),
) -> list[History]:
    """Play all trials, at most `jobs` at a time, twins before the rest; histories in the order of `plans`.

    more: asked whenever all are done, told of all that was played; what it answers is played, too, until it has no
    more (see `undecided`). HarnessError when a history cannot be written.
    """
    gate, door, total, done = asyncio.Semaphore(jobs), asyncio.Lock(), len(plans), 0

    async def attempt(plan: TrialPlan, pace: Pace) -> History:
        async with door:  # one at a time, and not while those inside take all our time
            await calm()
        with open_sink(plan.name, plan.attempt > 1) as sink:
            return await play(plan, bench, pace, sink)

    async def one(plan: TrialPlan, pace: Pace) -> History:
        nonlocal done
        async with gate:
            history = await attempt(plan, pace)
            while unstruck(history) and plan.attempt < ATTEMPTS:
                plan = replace(plan, attempt=plan.attempt + 1)
                history = await attempt(plan, pace)
        done += 1
        tell(Step(done, total, plan))
        return history

    async def batch(chosen: list[TrialPlan], pace: Pace) -> dict[str, History]:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {plan.name: group.create_task(one(plan, pace)) for plan in chosen}
        except ExceptionGroup as several:  # one broken trial ends them all; its error is the one to tell
            raise several.exceptions[0] from None
        return {name: task.result() for name, task in tasks.items()}

    async def trials(chosen: list[TrialPlan], pace: Pace) -> dict[str, History]:
        found = await batch([plan for plan in chosen if not plan.scenario.alone], pace)
        for plan in chosen:
            if plan.scenario.alone:
                found |= await batch([plan], pace)
        return found

    played = await batch([plan for plan in plans if plan.twin], Pace())
    pace = measure(list(played.values()))
    played |= await trials([plan for plan in plans if not plan.twin], pace)
    while further := more([(plan, played[plan.name]) for plan in plans]):
        plans, total = (*plans, *further), total + len(further)
        played |= await trials(list(further), pace)
    return [played[plan.name] for plan in plans]


def measure(twins: list[History]) -> Pace:
    """How the target streams when it is left alone: its pace, its pauses, and whether it counts as asked."""
    arrivals = [times for twin in twins for times in _arrivals(twin)]
    paces = [(times[-1] - times[0]) / 1e6 / (len(times) - 1) for times in arrivals]  # mean: items may come in bursts
    pauses = [max(later - one for one, later in pairwise(times)) / 1e6 for times in arrivals]
    counts = all(_counts(twin) for twin in twins)
    return Pace(statistics.median(paces), counts, statistics.median(pauses)) if arrivals else Pace(counts=counts)


def _arrivals(twin: History) -> list[list[int]]:
    """When the items of each answer came to each device, in nanoseconds; two of them at least."""
    times: dict[tuple[str, str], list[int]] = {}
    for event in twin.events:
        if event.what == "text" and event.phase is Phase.SEEN:
            voice = f"{event.value.get('run')}/{event.value.get('agent', '')}"  # sub-agents speak at the same time
            times.setdefault((event.who, voice), []).append(event.t_ns)
    return [each for each in times.values() if len(each) > 1]


def _counts(twin: History) -> bool:
    """Did the longest telling of each run hold the words that were asked for? (Nothing said: nothing refuted.)"""
    shown = screens(twin)
    for label in dict.fromkeys(labels(twin).values()):
        tellings = [tuple(word.text for word in words(screen.run(label))) for screen in shown.values()]
        finished = [telling for telling in tellings if telling and _complete(twin, label)]
        if finished and counted(twin, label) not in (None, *finished):
            return False
    return True


def _complete(twin: History, label: str) -> bool:
    return any(screen.run(label).ending == "completed" for screen in screens(twin).values())


def _tls(target: Target) -> ssl.SSLContext | None:
    if not target.base_url.startswith("https"):
        return None
    context = ssl.create_default_context(cafile=str(target.ca_file) if target.ca_file else None)
    if not target.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _advice(bench: Bench, error: BaseException) -> str:
    host, port = bench.address
    what = "did not answer" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
    return (
        f"{bench.target.name}: nothing answers at {host}:{port} ({what}).\n"
        f"  Check that the server is running, that base_url ({bench.target.base_url}) has the right host, port and "
        "scheme,\n  and that this machine may reach it (VPN, firewall; proxies from the environment are not used)."
    )
