"""Many devices resuming at once: everybody is back within a bound, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from ..contract import RESILIENT_DELIVERY
from ..finding import Finding, Severity, Verdict
from ..result import Remedy
from .churn import Storm
from .figures import WINDOW_S
from .gates import STORM as GATE
from .planned import answer_s, planned_storms, played
from .result import GateResult, LoadResult, StormResult, Window
from .rule import LoadRule

BUDGET_S = 10.0  # after the last planned return: so long people keep their mind on a wait


def judge(result: LoadResult) -> Finding:
    """One finding: the worst storm speaks. A gate on `storm_recovered_s` takes the place of the budget."""
    planned, storms = planned_storms(result), [pair for pair in played(result) if pair[1].devices > 0]
    if not planned:
        return _finding(Verdict.NOT_APPLICABLE, "No storm was planned.")
    if why := _unproven(result, len(planned), len(storms)):
        return _finding(Verdict.INCONCLUSIVE, why)
    worst = max(storms, key=lambda pair: _late(*pair))
    seconds, lost = worst[1].recovered_s, _lost(result, storms)
    if lost:
        why = f"{lost:,} words were lost on devices that came back around {_named(storms)}."
        return _finding(Verdict.GAP, why, seconds)
    verdict, bound = _in_time(result, worst)
    return _finding(verdict, f"{_told(*worst)}, nothing lost ({bound}).", seconds)


def _unproven(result: LoadResult, planned: int, played: int) -> str:
    """Why nothing can be said of the storms; empty when it can."""
    if result.void:
        return f"The run is void: {result.void}"
    if result.partial:
        return f"The run is not complete: {result.partial}"
    if played < planned:
        return f"Only {played} of {planned} storms found any device to cut."
    return ""


def _in_time(result: LoadResult, worst: tuple[Storm, StormResult]) -> tuple[Verdict, str]:
    """Against the gate that somebody set, or else the budget."""
    gates = [gate for gate in result.gates if gate.gate.partition(" ")[0] == GATE]
    if gates:
        failed: list[GateResult] = [gate for gate in gates if gate.met is False]
        return (Verdict.GAP, f"gate {failed[0].gate}") if failed else (Verdict.PASS, f"gate {gates[0].gate}")
    verdict = Verdict.GAP if _late(*worst) > BUDGET_S else Verdict.PASS
    return verdict, f"budget {BUDGET_S:g} s after the last planned return"


def _late(planned: Storm, measured: StormResult) -> float:
    """Seconds from the last planned return until 99 % were caught up."""
    return inf if measured.recovered_s is None else measured.recovered_s - planned.away_s - planned.jitter_s


def _lost(result: LoadResult, storms: Sequence[tuple[Storm, StormResult]]) -> int:
    """Words that devices were found to lack from a cut until the answers of that time were over, each counted once."""
    return sum(each.lost for each in result.windows if any(_around(each, result, *pair) for pair in storms))


def _around(window: Window, result: LoadResult, planned: Storm, measured: StormResult) -> bool:
    until = planned.at_s + (measured.recovered_s if measured.recovered_s is not None else inf) + answer_s(result)
    return planned.at_s - WINDOW_S < window.at_s <= until


def _told(planned: Storm, measured: StormResult) -> str:
    cut = f"Of {measured.devices:,} devices cut at once at {planned.at_s:g} s"
    if measured.recovered_s is None:
        return f"{cut}, fewer than 99 % had everything again before the run ended"
    return f"{cut}, 99 % had everything again after {measured.recovered_s:,.2f} s"


def _named(storms: Sequence[tuple[Storm, StormResult]]) -> str:
    return "the storm" if len(storms) == 1 else "the storms"


def _finding(verdict: Verdict, why: str, seconds: float | None = None) -> Finding:
    return Finding(STORM.id, verdict, why, value=seconds, unit="" if seconds is None else "s")


STORM = LoadRule(
    id="storm",
    capability=RESILIENT_DELIVERY,
    severity=Severity.HIGH,
    title="A crowd comes back whole",
    truth=(
        "When many devices are cut at once, 99 % of them have everything again within ten seconds of their planned "
        "return (or within the gate on `storm_recovered_s`), and no word is lost."
    ),
    felt="After every deploy the answers of all users stand still for a minute, and some never go on.",
    why=(
        "Every device reconnects at the same moment and asks for its whole history; what cannot be answered in time is "
        "asked for again, so that the target works for devices that have given up."
    ),
    source=(
        "M. Brooker 2015, Exponential Backoff and Jitter",
        "WHATWG HTML 9.2 (reconnection time)",
        "RFC 9110 section 10.2.3 (Retry-After)",
        "langchain-ai/langgraphjs#2689",
    ),
    remedy=Remedy(
        action=(
            "Name a spread retry (`retry:` of the event stream, or Retry-After) before connections are cut, let "
            "clients back off with jitter, resume by cursor instead of by history, and refuse early what cannot be "
            "answered in time."
        ),
        gain="A deploy is a pause of seconds, and the target is never asked for more than it can answer.",
        cost="A single device that loses its connection waits a little longer than it would have to.",
        effort="configuration",
    ),
    judge=judge,
)
