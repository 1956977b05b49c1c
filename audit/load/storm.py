"""Reconnect storms: which backoff brings a crowd back soonest under a bound on attempts, and how well the simulation
(`stampede`) fits a measured storm. Pure; imports numpy. `durable-audit storm` prints a table and a recommendation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .backoff import KINDS, Backoff, Kind
from .churn import Storm
from .result import StormResult
from .stampede import Outcome, Stampede, simulate

TODAY = Backoff("fixed", 3.0)  # what a browser's EventSource does when the server names no `retry`
CLOSE = 1.25  # times the model, or less than that fraction of it: measured and modelled agree
BLINK_S = 0.25  # … or closer than this
ALIKE = 1.02  # times this close are the same: then what the server can take back, or the shorter wait, is better


@dataclass(frozen=True, slots=True)
class Advice:
    """What to set, what it brings compared with `today`, and what it costs."""

    backoff: Backoff
    outcome: Outcome
    today: Outcome
    gain: str
    cost: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measured storm beside the simulated one. ratio: measured over modelled time; None where one never ended."""

    measured_s: float | None
    modelled_s: float | None
    ratio: float | None
    agree: bool
    told: str


def usual(stampede: Stampede) -> tuple[Backoff, ...]:
    """One of each kind with common settings; server-sent is spread over the least possible time."""
    spread = Backoff("server-sent", 0.0, spread_s=_round(stampede.least_s))
    return (TODAY, *(Backoff(kind) for kind in KINDS[1:-1]), spread)


def recommend(
    stampede: Stampede, peak_per_s: float, kinds: Sequence[Kind] = KINDS, today: Backoff = TODAY, seed: int = 1
) -> Advice | None:
    """The settings that bring 99 % back soonest without ever more than `peak_per_s` attempts in a second.

    kinds: what the devices can do (server-sent alone needs a server that says so). None: no setting keeps the bound.
    """
    hopeful = [each for each in _candidates(stampede, kinds) if each.first_wave(stampede.devices) <= peak_per_s * ALIKE]
    tried = [(simulate(stampede, each, seed, bins=500), each) for each in hopeful]
    allowed = [(outcome.p99_s, each) for outcome, each in tried if outcome.p99_s and outcome.peak_per_s <= peak_per_s]
    for best in _best_first(allowed):
        outcome = simulate(stampede, best, seed)  # as finely as it gets
        if outcome.peak_per_s <= peak_per_s:
            before = simulate(stampede, today, seed)
            return Advice(best, outcome, before, _gain(outcome, before), _cost(best, today))
    return None


def as_planned(storm: Storm, devices: int) -> tuple[int, Backoff]:
    """How many devices a storm of a churn plan cuts, and the backoff that they come back by."""
    return round(devices * storm.share), Backoff("server-sent", storm.away_s, spread_s=storm.jitter_s)


def compare(measured: StormResult, model: Outcome) -> Comparison:
    """Hold the simulation to what a load run saw: seconds until 99 % of the devices were caught up."""
    real, modelled = measured.recovered_s, model.p99_s
    if real is None or modelled is None:
        agree = real is modelled
        return Comparison(real, modelled, None, agree, f"measured {_seconds(real)}, modelled {_seconds(modelled)}")
    ratio = real / modelled
    agree = abs(real - modelled) <= BLINK_S or 1 / CLOSE <= ratio <= CLOSE
    told = f"measured {_seconds(real)}, modelled {_seconds(modelled)}: {ratio:.2f} times the model"
    return Comparison(real, modelled, ratio, agree, told)


def table(stampede: Stampede, rows: Sequence[tuple[Backoff, Outcome]]) -> str:
    """For people."""
    titles = ("99 % back", "all back", "attempts each", "peak/s", "refused", "gave up")
    lines = [_crowd(stampede), "", _line("policy", titles)]
    for backoff, found in rows:
        counts = (
            f"{found.attempts_per_device:,.1f}",
            *map("{:,}".format, (found.peak_per_s, found.refused, found.gave_up)),
        )
        lines.append(_line(str(backoff), (_time(found.p99_s, found), _time(found.all_s, found), *counts)))
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<34}" + "".join(f"{cell:>14}" for cell in cells)


def _best_first(found: Sequence[tuple[float, Backoff]]) -> list[Backoff]:
    soonest = min((seconds for seconds, _ in found), default=0.0)

    def order(each: tuple[float, Backoff]) -> tuple[float, bool, float]:
        seconds, backoff = each
        return (seconds if seconds > soonest * ALIKE else soonest, backoff.kind != "server-sent", backoff.alone_s())

    return [backoff for _, backoff in sorted(found, key=order)]


def _candidates(stampede: Stampede, kinds: Sequence[Kind]) -> list[Backoff]:
    """A coarse grid, with the least possible time among the waits: who spreads over less, queues."""
    least = stampede.least_s
    caps = sorted({10.0, 30.0, 120.0, _round(max(1.0, least))})
    found = []
    for kind in kinds:
        if kind == "server-sent":
            spreads = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)
            found += [Backoff(kind, 0.0, spread_s=_round(least * share)) for share in spreads]
        elif kind == "fixed":
            found += [Backoff(kind, base) for base in (0.5, 1.0, 3.0, 10.0)]
        else:
            bases = sorted({1.0, 3.0, 10.0, _round(max(1.0, least))})
            found += [Backoff(kind, base, cap) for base in bases for cap in caps if base <= cap]
    return found


def _gain(outcome: Outcome, today: Outcome) -> str:
    return (
        f"99 % are back after {_time(outcome.p99_s, outcome)} instead of {_time(today.p99_s, today)}, with at most "
        f"{outcome.peak_per_s:,} attempts a second instead of {today.peak_per_s:,} and "
        f"{outcome.attempts_per_device:,.1f} attempts a device instead of {today.attempts_per_device:,.1f}"
    )


def _cost(backoff: Backoff, today: Backoff) -> str:
    cost = (
        f"a single device that loses its connection waits {_seconds(backoff.alone_s())} on average instead of "
        f"{_seconds(today.alone_s())}"
    )
    if backoff.kind == "server-sent":
        return f"{cost}, unless the server names the spread only when it is about to cut everyone; a crash names none"
    return cost


def _crowd(stampede: Stampede) -> str:
    return (
        f"{stampede.devices:,} devices cut at once; {stampede.rate:,.10g} resumes/s, {stampede.queue:,} may wait, "
        f"a device gives up after {stampede.timeout_s:g} s. No policy is done before {_seconds(stampede.least_s)}."
    )


def _time(value: float | None, outcome: Outcome) -> str:
    return f"over {_seconds(outcome.end_s)}" if value is None else _seconds(value)


def _seconds(value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:.2f} s" if value < 10 else f"{value:,.0f} s"


def _round(seconds: float) -> float:
    """To two digits: nobody sets a retry of 487.3 seconds."""
    return float(f"{seconds:.2g}")
