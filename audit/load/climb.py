"""A load that rises step by step, until the target breaks: each step a short verified load under the same plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..errors import HarnessError
from .capacity_result import CapacityModel, Ended, Rung
from .figures import WINDOW_S
from .gates import told
from .order import Order
from .result import LoadResult, Quantiles
from .steps import Step

Run: TypeAlias = Callable[[Order], LoadResult]
INTERRUPTED = "interrupted"
_NOTHING = Quantiles(0, None, None, None, None, None)


@dataclass(slots=True)
class Climb:
    """The steps so far, how it ended and why. `run` plays one of them."""

    planned: tuple[int, ...]
    limit_ms: float
    run: Run
    ended: Ended = "held"
    why: str = ""

    def rungs(self, order: Order) -> Iterator[Rung]:
        """Every step that was played to its end, until one that does not hold. Ctrl-C ends it as well."""
        for devices in self.planned:
            try:
                result = self.run(replace(order, churn=replace(order.churn, devices=devices)))
            except KeyboardInterrupt:
                self._end("interrupted", f"{INTERRUPTED} at {devices:,} devices")
                return
            except HarnessError as error:
                self._end("void", f"at {devices:,} devices {error}")
                return
            if result.partial and not result.void:
                self._end("interrupted", f"at {devices:,} devices: {result.partial}")
                return
            rung = rung_of(result, self.limit_ms)
            yield rung
            if not rung.held:
                self._fail(rung)
                return
        self._end("held", f"it held {self.planned[-1]:,} devices")

    def _fail(self, rung: Rung) -> None:
        if rung.void:
            self._end("void", f"the step of {rung.devices:,} devices proves nothing: {rung.void}")
        else:
            self._end("broke", f"broke at {rung.devices:,} devices: {rung.broke}")

    def _end(self, how: Ended, why: str) -> None:
        self.ended, self.why = how, why


def rung_of(result: LoadResult, limit_ms: float) -> Rung:
    """One step, judged: its gates, refusals, and the p95 of how late words come."""
    delay = result.measures.get("item_delay", _NOTHING)
    return Rung(
        devices=result.devices,
        words_per_s=_throughput(result),
        events=result.events,
        resumes=result.resumes,
        refused=result.refused,
        lost=result.lost,
        item_delay_ms=delay,
        resume_delay_ms=result.resume_delay_ms,
        cpu_share=result.health.cpu_share,
        broke="" if result.void else "; ".join(_broken(result, delay, limit_ms)),
        void=result.void,
        unjudged=tuple(gate.gate for gate in result.gates if gate.met is None),
    )


def steps_of(rungs: Sequence[Rung]) -> tuple[Step, ...]:
    """Those that say something of the target: the one at which it broke, too."""
    return tuple(rung.step() for rung in rungs if not rung.void)


def model_of(rungs: Sequence[Rung], seed: int) -> tuple[CapacityModel | None, str]:
    """The model of these steps, or None and why there is none."""
    held = max((rung.devices for rung in rungs if rung.held), default=0)
    if not held:
        return None, "no step held"
    try:
        from .capacity import modelled  # noqa: PLC0415  # numpy: slow to import, and not everybody has it
    except ImportError:
        return None, "needs numpy, which is not installed"
    return modelled(steps_of(rungs), seed, held=held)


def _throughput(result: LoadResult) -> float:
    """Words a second over the windows that ended with the plan or before: what came later came too late to count."""
    whole = [window for window in result.windows if window.at_s + WINDOW_S <= result.seconds + 0.5]
    return sum(window.words for window in whole) / (WINDOW_S * len(whole)) if whole else 0.0


def _broken(result: LoadResult, delay: Quantiles, limit_ms: float) -> Iterator[str]:
    yield from (f"gate failed: {told(gate)}" for gate in result.gates if gate.met is False)
    if result.refused:
        yield f"{result.refused:,} resumes were refused"
    if delay.p95 is not None and delay.p95 > limit_ms:
        yield f"words came {delay.p95:,.0f} ms late (p95, at most {limit_ms:,.0f})"
