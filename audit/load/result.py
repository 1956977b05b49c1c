"""What a load run found: one JSON object, enough to render its report and to be compared with another run."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..event import Value

SCHEMA = "durable-audit/load/1"
DIED = "the target stopped answering"  # how `partial` begins when a load ended for want of a target
UNREACHABLE = "unreachable: "  # how a process says that it could not begin for want of a target
_STRICT = {"extra": "forbid"}

MEASURES = {
    "resume_delay": "from the intended instant of a resume to the first new item (or to caught-up when there was none)",
    "caught_up_delay": "from the intended instant of a resume until the device has everything that was said",
    "join_delay": "from the intended arrival of a device until it has the session's history",
    "first_item_delay": "from the intended instant of a prompt to its first word on the device that asked",
    "item_delay": "from the instant a word was due, by its run's own pace, to its arrival (live words only)",
    "stop_delay": "from the intended instant of a stop to the ending on the device that stopped",
    "steer_delay": "from the intended instant of a steer until its device was told what became of it",
}


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds. None: not enough samples to say.

    intervals: by quantile (`p50`, `p95`, `p99`), where it lies with 95 % confidence (`intervals.interval`); one that
    there are too few samples for is left out.
    """

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    mean: float | None
    max: float | None
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate: the expression, what was measured, whether it was met (None: could not be judged)."""

    gate: str
    value: float | None
    met: bool | None
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class StormResult:
    """One storm: devices cut, seconds until 99 % of them were caught up (None: never), and what the others felt.

    recovery: (seconds since the cut, share of them that are caught up), ascending; empty when it was not kept.
    """

    at_s: float
    devices: int
    recovered_s: float | None
    refused: int
    live_delay_ms: Quantiles
    recovery: tuple[tuple[float, float], ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Window:
    """Ten seconds of the run. measures: name → quantiles (ms)."""

    at_s: float
    devices: int
    words: int
    resumes: int
    refused: int
    lost: int
    repeated: int
    reordered: int
    measures: dict[str, Quantiles]
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Health:
    """Of the generator itself: a saturated one measures itself, not the target, and voids the run.

    lag_p99_ms: how late its event loop was; behind_p99_ms: how late acts of the plan were begun; cpu_share: of one
    core, per process, the busiest; memory_mb: at a third of the run and at its end. delay_error_p99_ms: how much later
    than the kernel this process received a word, where the kernel's clock was read.
    """

    processes: int
    lag_p99_ms: float | None
    behind_p99_ms: float | None
    cpu_share: float
    memory_mb: tuple[float, float]
    delay_error_p99_ms: float | None = None
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class HookResult:
    """One run of a hook (`[hooks]` of the target file). at_s: when it was due; began_s: when it began, both in seconds
    of the plan. took_s: how long it took. exit_code: of the shell; None when it was given up. output: the last it said.
    """

    name: str
    at_s: float
    began_s: float
    took_s: float
    exit_code: int | None
    output: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Top-level keys that other tools rely on: devices, events, resumes, lost, repeated, reordered, resume_delay_ms,
    void (why the run proves nothing; empty when it does), gates. replayed: words sent again that the documented
    de-duplication of the target drops: no fault, but bytes. unanswered: devices that were still not let in, or back in,
    when the load was over; what they lack is unproven, and not counted as lost."""

    schema: str
    tool: str
    created: str
    argv: tuple[str, ...]
    seed: int
    seconds: float
    target: Value
    plan: Value
    devices: int
    sessions: int
    events: int
    resumes: int
    prompts: int
    refused: int
    lost: int
    repeated: int
    reordered: int
    foreign: int
    unended: int
    wrong_end: int
    after_stop: int
    resume_delay_ms: Quantiles
    measures: dict[str, Quantiles]
    windows: tuple[Window, ...]
    storms: tuple[StormResult, ...]
    health: Health
    void: str
    gates: tuple[GateResult, ...]
    errors: dict[str, int]
    samples: tuple[Value, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    partial: str = ""
    replayed: int = 0
    unanswered: int = 0
    hooks: tuple[HookResult, ...] = ()
    __pydantic_config__ = _STRICT

    @property
    def interrupted(self) -> bool:
        """Was it ended early by somebody? (A target that died ends it as well: then it is void.)"""
        return bool(self.partial) and not self.partial.startswith(DIED)
