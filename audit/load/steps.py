"""The steps of a load that rises: what each number of devices got, and where the target stops keeping up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHORT = 0.10  # of proportional throughput: a target that is this far behind has stopped keeping up
FELT_MS = 50.0  # a delay that doubles below this is the machine's noise, and nobody feels it


@dataclass(frozen=True, slots=True)
class Step:
    """One number of devices. rate: what they got a second, all together; p95_ms: of the delay they felt (None: too few
    samples)."""

    devices: float
    rate: float
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Knee:
    """The first step at which the target no longer kept up, and why that is said."""

    devices: float
    why: str


def levels(first: int, last: int, steps: int) -> tuple[int, ...]:
    """So many numbers of devices from first to last, evenly apart; fewer where they would be the same."""
    if steps == 1:
        return (last,)
    return tuple(dict.fromkeys(round(first + (last - first) * at / (steps - 1)) for at in range(steps)))


def knee(steps: Sequence[Step]) -> Knee | None:
    """The first step that is 10 % short of the throughput that is proportional to the lowest one's, or at which the p95
    delay is twice as long as there; and so is every later one, or it was a hiccup. None: the target kept up."""
    found = [_behind(steps[0], step) for step in steps]
    first = next((at for at, _ in enumerate(found) if all(found[at:])), None)
    return None if first is None else Knee(steps[first].devices, found[first])


def _behind(first: Step, step: Step) -> str:
    """In which way a step does not keep up with the first; empty when it does."""
    proportional = first.rate * step.devices / first.devices
    if step.rate < proportional * (1 - SHORT):
        short = 1 - step.rate / proportional
        return f"throughput is {short:.0%} short of proportional at {step.devices:,.0f} devices"
    if step.p95_ms is not None and first.p95_ms is not None and step.p95_ms >= max(2 * first.p95_ms, FELT_MS):
        return f"the p95 delay grew from {first.p95_ms:,.0f} to {step.p95_ms:,.0f} ms at {step.devices:,.0f} devices"
    return ""
