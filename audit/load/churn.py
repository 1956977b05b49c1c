"""The churn plan: who arrives, asks, drops, comes back, stops and leaves, and when. Pure; same seed, same plan.

An open model: every instant is fixed before the load begins, and every delay counts from its intended instant, so that
a slow target cannot slow the plan down and look better for it (coordinated omission).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, TypeAlias

Shape: TypeAlias = Literal["constant", "ramp", "step", "spike"]
Cut: TypeAlias = Literal["fin", "rst", "silence"]
What: TypeAlias = Literal["arrive", "prompt", "stop", "steer", "drop", "leave"]

STEPS = 5
CUTS: tuple[Cut, ...] = ("fin", "rst", "silence")
SHAPES: tuple[Shape, ...] = ("constant", "ramp", "step", "spike")


@dataclass(frozen=True, slots=True)
class Storm:
    """At `at_s` seconds, this share of all devices is cut at once; they come back after `away_s`, `jitter_s` apart."""

    at_s: float
    share: float = 1.0
    away_s: float = 0.5
    jitter_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Churn:
    """A crowd and what it does. Times in seconds, shares from 0 to 1, `…_every_s` are means of exponential waits.

    devices: at the peak of the shape. per_session: devices that share a session; the first of them asks. words and
    pace_ms: of each answer. think_s: between the end of an answer and the next prompt. drop_every_s: between two drops
    of one device (0: never). cuts: weights of fin, rst, silence. away_s: mean time until it comes back. stay_s: until a
    device is replaced by a new one (0: it stays). stop_share: of answers that are stopped halfway; steer_share: that
    are steered. slow_share: of devices that read slowly. storms: cuts of many at once. deploys: when the target file's
    deploy hook is run.
    """

    devices: int = 100
    seconds: float = 60.0
    shape: Shape = "constant"
    per_session: int = 2
    words: int = 60
    pace_ms: float = 200.0
    think_s: float = 2.0
    drop_every_s: float = 20.0
    cuts: tuple[float, float, float] = (0.5, 0.3, 0.2)
    away_s: float = 1.0
    stay_s: float = 0.0
    stop_share: float = 0.05
    steer_share: float = 0.0
    slow_share: float = 0.0
    storms: tuple[Storm, ...] = ()
    deploys: tuple[float, ...] = ()

    @property
    def run_s(self) -> float:
        """How long one answer takes to say."""
        return self.words * self.pace_ms / 1e3


PRESETS: dict[str, Churn] = {
    "commute": Churn(drop_every_s=12.0, cuts=(0.2, 0.3, 0.5), away_s=2.5, stay_s=90.0, per_session=1),
    "office": Churn(drop_every_s=120.0, cuts=(0.7, 0.2, 0.1), away_s=0.5, per_session=2),
    "deploy": Churn(drop_every_s=60.0, storms=(Storm(at_s=20.0), Storm(at_s=40.0))),
    "conference": Churn(shape="spike", per_session=50, drop_every_s=30.0, stop_share=0.0),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One intended instant of one device. cut, away_s: of a drop; number: of a prompt within its session."""

    at_s: float
    device: int
    what: What
    number: int = 0
    cut: Cut = "fin"
    away_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A device of the plan: its session, whether it is the one that asks, whether it reads slowly."""

    device: int
    session: int
    asks: bool
    slow: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seats and their acts, in order of time."""

    seats: tuple[Seat, ...]
    acts: tuple[Act, ...]

    def prompts(self) -> int:
        """How many prompts this plan sends."""
        return sum(act.what == "prompt" for act in self.acts)

    def resumes(self) -> int:
        """How many drops it makes, each of which is resumed."""
        return sum(act.what == "drop" for act in self.acts)


def schedule(churn: Churn, seed: int, part: int = 0, parts: int = 1) -> Schedule:
    """The acts of one of `parts` processes. Sessions are dealt out whole, so the parts add up to the whole plan."""
    seats = [seat for seat in _seats(churn, seed) if seat.session % parts == part]
    acts = sorted((act for seat in seats for act in _life(churn, seed, seat)), key=lambda act: (act.at_s, act.device))
    return Schedule(tuple(seats), tuple(acts))


def _seats(churn: Churn, seed: int) -> Iterator[Seat]:
    rng = Random(f"{seed}/seats")
    for device in range(churn.devices):
        session, place = divmod(device, churn.per_session)
        yield Seat(device, session, place == 0, place != 0 and rng.random() < churn.slow_share)


def _life(churn: Churn, seed: int, seat: Seat) -> Iterator[Act]:
    rng = Random(f"{seed}/{seat.device}")
    arrives = _arrival(churn, Random(f"{seed}/session/{seat.session}"))
    yield Act(arrives, seat.device, "arrive")
    if seat.asks:
        yield from _questions(churn, seat, arrives, rng)
    yield from _drops(churn, seat, arrives, rng)
    yield from _leaves(churn, seat, arrives, rng)
    for storm in churn.storms:
        if rng.random() < storm.share and storm.at_s > arrives:
            away = storm.away_s + rng.random() * storm.jitter_s
            yield Act(storm.at_s, seat.device, "drop", cut="rst", away_s=away)


def _arrival(churn: Churn, rng: Random) -> float:
    """All devices of a session arrive together; the shape says when."""
    place = rng.random()
    warm = min(10.0, churn.seconds / 6)
    match churn.shape:
        case "constant":
            return place * warm
        case "ramp":
            return place * churn.seconds * 0.7
        case "step":
            return int(place * STEPS) * churn.seconds * 0.8 / STEPS + rng.random() * 1.0
        case "spike":
            return place * warm if place < 0.2 else churn.seconds / 3 + rng.random() * 2.0


def _questions(churn: Churn, seat: Seat, arrives: float, rng: Random) -> Iterator[Act]:
    """Prompts at fixed instants, as many as can end in time; some are stopped halfway, some are steered."""
    at, number = arrives + 0.5 + rng.random() * churn.think_s, 0
    while at + churn.run_s <= churn.seconds:
        yield Act(at, seat.device, "prompt", number)
        if rng.random() < churn.stop_share:
            yield Act(at + churn.run_s * rng.uniform(0.3, 0.7), seat.device, "stop", number)
        if churn.steer_share and rng.random() < churn.steer_share:
            yield Act(at + churn.run_s * rng.uniform(0.2, 0.8), seat.device, "steer", number)
        at += churn.run_s + churn.think_s
        number += 1


def _drops(churn: Churn, seat: Seat, arrives: float, rng: Random) -> Iterator[Act]:
    if churn.drop_every_s <= 0:
        return
    at = arrives + 1.0 + rng.expovariate(1 / churn.drop_every_s)
    while at < churn.seconds:
        away = min(rng.expovariate(1 / churn.away_s), 6 * churn.away_s) if churn.away_s > 0 else 0.0
        (cut,) = rng.choices(CUTS, churn.cuts)
        yield Act(at, seat.device, "drop", cut=cut, away_s=away)
        at += away + 0.5 + rng.expovariate(1 / churn.drop_every_s)


def _leaves(churn: Churn, seat: Seat, arrives: float, rng: Random) -> Iterator[Act]:
    """A leaving device is replaced at once by a new one in its seat: it opens the session without memory."""
    at = arrives
    while churn.stay_s > 0:
        at += 1.0 + rng.expovariate(1 / churn.stay_s)
        if at >= churn.seconds:
            return
        if not seat.asks:
            yield Act(at, seat.device, "leave")


def fitted(churn: Churn, **changes: object) -> Churn:
    """A preset with some of it changed; None leaves a value as it is. Its storms keep their places in the whole."""
    given = {name: value for name, value in changes.items() if value is not None}
    if "storms" not in given and churn.storms and isinstance(seconds := given.get("seconds"), int | float):
        scale = seconds / churn.seconds
        given["storms"] = tuple(replace(storm, at_s=storm.at_s * scale) for storm in churn.storms)
    return replace(churn, **given)  # type: ignore[arg-type]  # names come from the command line's own options
