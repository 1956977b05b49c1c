"""What a capacity run found: one JSON object, enough to render its report. Plain data, without numpy."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

from ..event import Value
from .gates import FAILED, INCONCLUSIVE, INTERRUPTED, MET
from .result import Quantiles
from .steps import Knee, Step

SCHEMA = "durable-audit/capacity/1"
Ended: TypeAlias = Literal["held", "broke", "void", "interrupted"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the load. words_per_s: new words that reached a device within the step's time. broke: what the target
    did not hold, empty when it held; void: why the step proves nothing. unjudged: gates without enough samples.
    cpu_share: of the busiest generator process, of a core."""

    devices: int
    words_per_s: float
    events: int
    resumes: int
    refused: int
    lost: int
    item_delay_ms: Quantiles
    resume_delay_ms: Quantiles
    cpu_share: float
    broke: str = ""
    void: str = ""
    unjudged: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """The target carried it."""
        return not self.broke and not self.void

    def step(self) -> Step:
        """What the knee and the model need of it."""
        return Step(self.devices, self.words_per_s, self.item_delay_ms.p95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CapacityModel:
    """The Universal Scalability Law (`scaling`) through the measured steps. A model, not a measurement: see `caveat`.

    rate: words a second of one device alone; contention, crosstalk: σ and κ; r2: how much of the variance of the
    throughput it explains; largest: the most devices that were measured; peak: devices at the highest throughput
    (None: none in sight); comfortable: devices at 70 % of it, never more than the target held. curve: (devices, words a
    second, and the 95 % band's low and high end), ascending, to beyond what was measured.
    """

    rate: Estimate
    contention: Estimate
    crosstalk: Estimate
    r2: float
    steps: int
    largest: float
    peak: float | None
    comfortable: Estimate
    caveat: str
    curve: tuple[tuple[float, float, float, float], ...] = ()

    def instances(self, devices: int) -> Estimate:
        """How many instances of the size that was measured so many devices need, each at its comfortable point."""
        each = self.comfortable
        return Estimate(*(float(math.ceil(devices / per)) for per in (each.value, each.high, each.low)))


@dataclass(frozen=True, slots=True)
class CapacityResult:
    """The steps in their order, the knee, the model (None: see `no_model`), and what `wanted` devices would need by it.

    ended, why: how the climb came to its end. created: ISO 8601, UTC. limit_ms: of the p95 item delay.
    """

    tool: str
    created: str
    argv: tuple[str, ...]
    seed: int
    target: Value
    plan: Value
    step_s: float
    limit_ms: float
    planned: tuple[int, ...]
    rungs: tuple[Rung, ...]
    ended: Ended
    why: str
    knee: Knee | None
    model: CapacityModel | None
    no_model: str = ""
    wanted: int | None = None
    needed: Estimate | None = None
    environment: dict[str, str] = field(default_factory=dict)
    schema: str = SCHEMA

    @property
    def most(self) -> int | None:
        """The most devices that the target held; None when it held none."""
        return max((rung.devices for rung in self.rungs if rung.held), default=None)


def verdict(result: CapacityResult) -> tuple[int, str]:
    """The exit code and the reason for it: every step held, the target broke, a step proves nothing, interrupted."""
    if result.ended == "interrupted":
        return INTERRUPTED, result.why
    if result.ended == "void":
        return INCONCLUSIVE, result.why
    if result.ended == "broke":
        return FAILED, result.why
    never = [gate for gate in result.rungs[0].unjudged if all(gate in rung.unjudged for rung in result.rungs)]
    if never:
        return INCONCLUSIVE, f"could not be judged in any step: {'; '.join(never)}"
    return MET, result.why


def dump_capacity(result: CapacityResult) -> str:
    """The result as JSON; equal results give equal bytes."""
    return json.dumps(asdict(result), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
