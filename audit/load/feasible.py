"""What is wrong with a plan, before anything happens. Pure: the plan and the machine's limits in, every problem out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import Problem
from .churn import CUTS, Churn
from .descriptors import needed
from .machine import Machine
from .wire.dial import PER_SOURCE

MAX_DEVICES = 50_000
MAX_RESUMES_PER_S = 5_000
MAX_ACTS = 5_000_000  # of all devices; the whole plan is made before it begins
MAX_WORDS = 100_000
MAX_PROCESSES = 64

_COUNTS = {"devices": MAX_DEVICES, "per_session": MAX_DEVICES, "words": MAX_WORDS}
_TIMES = ("think_s", "drop_every_s", "away_s", "stay_s", "pace_ms")
_SHARES = ("stop_share", "steer_share", "slow_share")


@dataclass(frozen=True, slots=True)
class Crew:
    """Who carries the plan out. role: as of `drive.Distribution`: `alone` has all processes on this machine, a `worker`
    is one of them, a `master` holds no device. loopback: the target has all of 127.0.0.0/8 to be dialed from."""

    processes: int = 1
    role: str = "alone"
    loopback: bool = False


def problems_of(churn: Churn, crew: Crew, machine: Machine) -> tuple[Problem, ...]:
    """Everything that is impossible about this plan, named by the option that says it; empty when it can be done."""
    wrong = [*_numbers(churn), *_instants(churn), *_processes(crew)]
    known = {problem.where for problem in wrong}
    for needs, find in _TOGETHER:
        if not known & {option(name) for name in needs}:
            wrong += find(churn, crew, machine)
    return tuple(wrong)


def option(name: str) -> str:
    """The command line's name of a field of the plan."""
    return "--" + name.replace("_", "-")


# -- each by itself ---------------------------------------------------------------------------------------------------


def _numbers(churn: Churn) -> Iterator[Problem]:
    for name, most in _COUNTS.items():
        if not 1 <= getattr(churn, name) <= most:
            yield _problem(name, f"{getattr(churn, name):,} is not between 1 and {most:,}", "100")
    if not (0 < churn.seconds < math.inf):
        yield _problem("seconds", f"{churn.seconds:g} is not above 0", "60")
    for name in _TIMES:
        if not 0 <= getattr(churn, name) < math.inf:
            yield _problem(name, f"{getattr(churn, name):g} is no time from 0 on", "1")
    for name in _SHARES:
        if not 0 <= getattr(churn, name) <= 1:
            yield _problem(name, f"{getattr(churn, name):g} is not between 0 and 1", "0.05")
    if not (all(0 <= weight < math.inf for weight in churn.cuts) and sum(churn.cuts) > 0):
        told = ", ".join(f"{name}={weight:g}" for name, weight in zip(CUTS, churn.cuts, strict=True))
        yield _problem("cuts", f"{told}: weights are from 0 on, and one is above 0", "fin=0.5,rst=0.3,silence=0.2")


def _instants(churn: Churn) -> Iterator[Problem]:
    yield from _within("--storm", [storm.at_s for storm in churn.storms], churn.seconds)
    yield from _within("--deploy-at", churn.deploys, churn.seconds)
    for storm in churn.storms:
        if not (0 < storm.share <= 1 and 0 <= storm.away_s < math.inf and 0 <= storm.jitter_s < math.inf):
            yield Problem("--storm", f"the one at {storm.at_s:g} s has a share or times that cannot be: {storm}")


def _within(name: str, instants: Sequence[float], seconds: float) -> Iterator[Problem]:
    for number, at in enumerate(instants):
        if math.isnan(at) or at <= 0:
            yield Problem(name, f"{at:g} s is not after the start of the load", f"{name} 10")
        elif at >= seconds:
            yield Problem(name, f"{at:g} s is after the end of the load ({seconds:g} s)", f"--seconds {at * 1.5:.0f}")
        elif at in instants[:number]:
            yield Problem(name, f"{at:g} s is given twice")


def _processes(crew: Crew) -> Iterator[Problem]:
    if not 1 <= crew.processes <= MAX_PROCESSES:
        yield _problem("processes", f"{crew.processes:,} is not between 1 and {MAX_PROCESSES}", "2")


# -- what only shows together -----------------------------------------------------------------------------------------


def _answers(churn: Churn, crew: Crew, machine: Machine) -> Iterator[Problem]:
    if churn.run_s + 1 > churn.seconds:
        what = f"an answer takes {churn.run_s:g} s, so none can end in {churn.seconds:g} s"
        yield Problem("--seconds", what, f"--seconds {churn.run_s * 3 + 3:.0f} (or fewer --words, a smaller --pace-ms)")
    if churn.run_s + churn.think_s <= 0:
        yield _problem("think_s", "answers that take no time need a pause between them", "1")


def _resumes(churn: Churn, crew: Crew, machine: Machine) -> Iterator[Problem]:
    rate = _drops_per_s(churn)
    if rate > MAX_RESUMES_PER_S:
        what = f"over {MAX_RESUMES_PER_S:,} resumes a second ({rate:,.0f})"
        yield Problem("--drop-every-s", what, "--drop-every-s 20 (or fewer --devices)")


def _acts(churn: Churn, crew: Crew, machine: Machine) -> Iterator[Problem]:
    asked = churn.devices / churn.per_session / max(churn.run_s + churn.think_s, 1e-9)
    left = churn.devices / (1 + churn.stay_s) if churn.stay_s else 0.0
    acts = (asked * (1 + churn.stop_share + churn.steer_share) + left + _drops_per_s(churn)) * churn.seconds
    if acts > MAX_ACTS:
        what = f"about {acts:,.0f} acts are more than the {MAX_ACTS:,} that are planned ahead"
        yield Problem("--seconds", what, "--seconds 600 (or fewer --devices)")


def _shares(churn: Churn, crew: Crew, machine: Machine) -> Iterator[Problem]:
    sessions = -(-churn.devices // churn.per_session)
    if crew.processes > sessions:
        what = f"{crew.processes} processes are more than the {sessions:,} sessions there are to deal out"
        yield Problem("--processes", what, f"--processes {sessions}")


def _sockets(churn: Churn, crew: Crew, machine: Machine) -> Iterator[Problem]:
    if crew.role == "master":
        return
    sessions = -(-churn.devices // churn.per_session)
    most = min(-(-sessions // crew.processes) * churn.per_session, churn.devices)  # in one process
    if needed(most) > machine.descriptors:
        what = (
            f"{most:,} devices in one process need {needed(most):,} file descriptors; "
            f"the limit is {machine.descriptors:,.0f}"
        )
        yield _problem("devices", what, "fewer, more --processes, or a higher `ulimit -Hn`")
    here = most if crew.role == "worker" else churn.devices
    spread = crew.loopback and most > PER_SOURCE  # then each 20,000 have an address of their own
    if here > machine.ports and not spread:
        what = f"{here:,} devices need as many local ports to one destination; there are {machine.ports:,}"
        yield _problem("devices", what, "fewer, workers on more machines, or a wider ip_local_port_range")


def _drops_per_s(churn: Churn) -> float:
    own = churn.devices / (churn.drop_every_s + churn.away_s + 0.5) if churn.drop_every_s else 0.0
    return own + sum(storm.share for storm in churn.storms) * churn.devices / churn.seconds


def _problem(name: str, what: str, example: str) -> Problem:
    return Problem(
        option(name), what, f"{option(name)} {example}" if example[0].isdigit() or "=" in example else example
    )


_TOGETHER = (
    (("words", "pace_ms", "seconds", "think_s"), _answers),
    (("devices", "drop_every_s", "away_s", "seconds"), _resumes),
    (("devices", "per_session", "words", "pace_ms", "think_s", "stay_s", "drop_every_s", "away_s", "seconds"), _acts),
    (("devices", "per_session", "processes"), _shares),
    (("devices", "per_session", "processes"), _sockets),
)
