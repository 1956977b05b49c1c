"""What makes a load run pass or fail: expressions such as `lost == 0` or `resume_delay_p95_ms < 2000`. Pure.

What could not be measured is not met: a gate on it cannot be judged (exit 3), it never shows green.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import ConfigError, Problem
from ..problems import nearest
from .result import MEASURES, GateResult, LoadResult

MET, FAILED, INCONCLUSIVE, INTERRUPTED = 0, 1, 3, 130

FAULTS = ("lost", "repeated", "reordered", "foreign", "unended", "wrong_end", "after_stop", "unanswered")
COUNTS = ("devices", "sessions", "events", "resumes", "prompts", "refused", *FAULTS, "replayed")
ERRORS = "errors"  # of all kinds together
QUANTILES = ("p50", "p95", "p99", "mean", "max")
STORM = "storm_recovered_s"
NAMES = (*COUNTS, ERRORS, *(f"{measure}_{quantile}_ms" for measure in MEASURES for quantile in QUANTILES), STORM)

EXAMPLE = "resume_delay_p95_ms < 2000"
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_MEANT = {"=": "==", "===": "==", "=<": "<=", "=>": ">=", "<>": "!=", "!": "!=", "!==": "!="}
_SHAPE = re.compile(r"\s*([^\s<>=!]+)\s*([<>=!]+)\s*(.*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(_\d+)*(\.\d+)?([eE][+-]?\d+)?")
_WITH_UNIT = re.compile(r"(\d{1,12}(?:\.\d{1,12})?) *(ms|s)")


@dataclass(frozen=True, slots=True)
class Gate:
    """One bound on one number of a load result: `name op bound`."""

    name: str
    op: str
    bound: float

    def __str__(self) -> str:
        whole = float(self.bound).is_integer() and abs(self.bound) < 1e15
        return f"{self.name} {self.op} {int(self.bound) if whole else self.bound!r}"

    @classmethod
    def parse(cls, text: str) -> Gate:
        """The gate that a person wrote. ValueError says what is wrong with it and what was probably meant."""
        found = _SHAPE.fullmatch(text) if len(text) <= 200 else None
        if found is None:
            raise ValueError(f"must be a name, a comparison and a number, as in {EXAMPLE!r}")
        name, op, number = found.groups()
        gate = cls(_name(name), _operator(op), _bound(number, name))
        below_nothing = gate.bound < 0 and op in ("<", "<=", "==")
        if below_nothing or (gate.bound == 0 and op == "<"):
            raise ValueError(f"{str(gate)!r} can never be met: nothing that is measured is below 0")
        return gate

    def judge(self, result: LoadResult) -> GateResult:
        """Hold the result to this gate."""
        value = measured(result, self.name)
        if value is None:
            return GateResult(str(self), None, None)
        met: bool | None = OPERATORS[self.op](value, self.bound)
        if met and self.name in FAULTS and not result.events:
            met = None  # where nothing arrived, nothing could go wrong
        return GateResult(str(self), value if math.isfinite(value) else None, met)


DEFAULTS = tuple(Gate(name, "==", 0.0) for name in FAULTS)


def parsed(texts: Sequence[str], where: str) -> tuple[Gate, ...]:
    """All gates of the command line. ConfigError carries every problem; where: the option they came from."""
    gates: list[Gate] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            gates.append(Gate.parse(text))
        except ValueError as error:
            problems.append(Problem(where, f"{text[:60]!r}: {error}", f'{where} "{EXAMPLE}"'))
    if problems:
        raise ConfigError("command line", tuple(problems))
    return tuple(gates)


def in_force(declared: Sequence[Gate] = (), given: Sequence[Gate] = ()) -> tuple[Gate, ...]:
    """The gates of a run: the defaults, what the target file declares, what the command line gives.

    A gate replaces those on the same name that are weaker in this order, so `lost <= 5` loosens one default and leaves
    the others; a bound on a delay never switches the checks for loss off.
    """
    gates: tuple[Gate, ...] = DEFAULTS
    for layer in (declared, given):
        named = {gate.name for gate in layer}
        gates = (*(gate for gate in gates if gate.name not in named), *dict.fromkeys(layer))
    return gates


def judged(result: LoadResult, gates: Sequence[Gate]) -> LoadResult:
    """The result with what the gates say of it."""
    return replace(result, gates=tuple(gate.judge(result) for gate in gates))


def verdict(result: LoadResult) -> tuple[int, str]:
    """The exit code of a judged result and the reason for it; the first that applies: interrupted, void, a gate
    failed, a gate could not be judged, all met."""
    if result.interrupted:
        return INTERRUPTED, result.partial
    if result.void:
        return INCONCLUSIVE, f"the run proves nothing: {result.void}"
    failed = [gate for gate in result.gates if gate.met is False]
    if failed:
        return FAILED, "gate failed: " + "; ".join(map(told, failed))
    unjudged = [gate for gate in result.gates if gate.met is None]
    if unjudged or not result.gates:
        return INCONCLUSIVE, "could not be judged: " + ("; ".join(map(told, unjudged)) or "no gate was set")
    return MET, f"{len(result.gates)} gates met"


def told(gate: GateResult) -> str:
    """A gate's outcome in a few words."""
    if gate.value is not None:
        return f"{gate.gate} (nothing arrived)" if gate.met is None else f"{gate.gate} (it was {gate.value:,.10g})"
    return f"{gate.gate} ({'too few samples' if gate.met is None else 'never'})"


def measured(result: LoadResult, name: str) -> float | None:
    """The number a gate's name stands for. None: not measured. Infinite: a storm that was never recovered from."""
    if name == STORM:
        worst = [math.inf if storm.recovered_s is None else storm.recovered_s for storm in result.storms]
        return max(worst, default=None)
    if name == ERRORS:
        return float(sum(result.errors.values()))
    if name in COUNTS:
        return float(getattr(result, name))
    measure, quantile, _ = name.rsplit("_", 2)
    known = {**result.measures, "resume_delay": result.resume_delay_ms}.get(measure)
    value: float | None = getattr(known, quantile, None)
    return value


def _name(text: str) -> str:
    if text in NAMES:
        return text
    close = nearest(text, NAMES)
    if close:
        raise ValueError(f"{text[:60]!r} is nothing that is measured; did you mean {close!r}?")
    delays = f"<{'|'.join(MEASURES)}>_<{'|'.join(QUANTILES)}>_ms"
    raise ValueError(
        f"{text[:60]!r} is nothing that is measured (known: {', '.join(COUNTS)}, {ERRORS}, {STORM}, {delays})"
    )


def _operator(text: str) -> str:
    if text in OPERATORS:
        return text
    hint = f"; did you mean {_MEANT[text]!r}?" if text in _MEANT else f" (known: {' '.join(OPERATORS)})"
    raise ValueError(f"{text[:10]!r} is no comparison{hint}")


def _bound(text: str, name: str) -> float:
    if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    raise ValueError(f"{text[:30]!r} is no finite number{_in_its_unit(text, name)}")


def _in_its_unit(text: str, name: str) -> str:
    found, unit = _WITH_UNIT.fullmatch(text), name.rpartition("_")[2]
    if found is None or unit not in ("ms", "s"):
        return ""
    value = float(found[1]) * {"ms": 1, "s": 1_000}[found[2]] / {"ms": 1, "s": 1_000}[unit]
    return f"; the name says the unit, so write {value:.10g}"
