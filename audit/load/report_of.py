"""From what processes counted to the result of a load. Pure: plain JSON in (`Crowd.totals`), a LoadResult out.

Also here: when a load proves nothing. A generator that was late, busy or broken measured itself; its run is void, and a
void run never shows green.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .. import __version__
from ..event import Value
from ..target import Target
from .churn import Churn
from .figures import Histogram, merged, middle
from .intervals import interval
from .result import DIED, MEASURES, SCHEMA, GateResult, Health, LoadResult, Quantiles, StormResult, Window
from .samples import DEVICES

MAX_LAG_MS = 100.0  # p99 of how late the event loop was
MAX_BEHIND_MS = 250.0  # p99 of how late acts of the plan were begun
MAX_CPU_SHARE = 0.95  # of one core, in the busiest process, in most windows
POINTS = 200  # of a storm's curve
BACK = 0.99  # of the devices a storm has cut: then it is over
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
INTERNAL = "internal: "  # how errors of the generator itself are named

_COUNTS = ("lost", "repeated", "reordered", "foreign", "unended", "wrong_end", "after_stop", "unanswered", "replayed")
_SUMS = ("devices", "sessions", "events", "resumes", "prompts", "refused")
_WINDOW_SUMS = ("devices", "words", "resumes", "refused", "lost", "repeated", "reordered")


def merge_totals(a: Value, b: Value) -> Value:
    """The totals of two processes (or of two sets of them) as those of both. Associative; changes neither."""
    return {
        **{name: a[name] + b[name] for name in ("processes", *_SUMS)},
        "acts": [one + other for one, other in zip(a["acts"], b["acts"], strict=True)],
        "counts": _added(a["counts"], b["counts"]),
        "errors": _added(a["errors"], b["errors"]),
        "windows": _merged_windows(a["windows"], b["windows"]),
        "storms": [_merged_storms(one, other) for one, other in zip(a["storms"], b["storms"], strict=True)],
        "health": _merged_health(a["health"], b["health"]),
        "samples": [*a["samples"], *b["samples"]][:DEVICES],
        "partial": a["partial"] or b["partial"],
    }


def load_result(
    totals: Value,
    churn: Churn,
    target: Target,
    argv: Sequence[str],
    seed: int,
    created: str,
    *,
    gates: Sequence[GateResult] = (),
    environment: Mapping[str, str] | None = None,
    partial: str = "",
) -> LoadResult:
    """The result of a whole load. created: ISO 8601, UTC. partial: why it was ended early, when no process says so."""
    counts = totals["counts"]
    partial = partial or totals["partial"]
    measures = _measures(totals["windows"])
    return LoadResult(
        schema=SCHEMA,
        tool=f"durable-audit {__version__}",
        created=created,
        argv=tuple(argv),
        seed=seed,
        seconds=churn.seconds,
        target=target.redacted(),
        plan=asdict(churn),
        **{name: totals[name] for name in _SUMS},
        **{name: counts[name] for name in _COUNTS},
        resume_delay_ms=measures["resume_delay"],
        measures=measures,
        windows=tuple(_window(row) for row in totals["windows"]),
        storms=tuple(_storm(row) for row in totals["storms"]),
        health=_health(totals),
        void=void(totals, churn, partial),
        gates=tuple(gates),
        errors=dict(sorted(totals["errors"].items(), key=lambda pair: (-pair[1], pair[0]))),
        samples=tuple(totals["samples"]),
        environment=dict(environment or {}),
        partial=partial,
    )


def void(totals: Value, churn: Churn, partial: str = "") -> str:
    """Why this load proves nothing; empty when it does. Every reason, with by how much."""
    return "; ".join(_reasons(totals, churn, partial))


def quantiles(histogram: Histogram) -> Quantiles:
    """What is told of a histogram (ms)."""
    mean = histogram.total / histogram.count if histogram.count else None
    largest = histogram.largest if histogram.count else None
    p50, p95, p99 = (_rounded(histogram.quantile(share)) for share in QUANTILES.values())
    return Quantiles(histogram.count, p50, p95, p99, _rounded(mean), _rounded(largest), _intervals(histogram))


def _intervals(histogram: Histogram) -> dict[str, tuple[float, float]]:
    found = {name: interval(histogram, share) for name, share in QUANTILES.items()}
    return {name: (round(each[0], 3), round(each[1], 3)) for name, each in found.items() if each is not None}


def _reasons(totals: Value, churn: Churn, partial: str) -> Iterable[str]:
    lag, behind = (Histogram.load(totals["health"][name]) for name in ("lag", "behind"))
    if (late := _tail(lag)) > MAX_LAG_MS:
        yield f"the generator's event loop was {late:.0f} ms late (p99, at most {MAX_LAG_MS:.0f})"
    if (late := _tail(behind)) > MAX_BEHIND_MS:
        yield f"acts of the plan were begun {late:.0f} ms late (p99, at most {MAX_BEHIND_MS:.0f})"
    busy = max((_busy(shares, churn) for shares in totals["health"]["cpu"]), default=0.0)
    if busy > 0.5:
        yield f"a generator process was over {MAX_CPU_SHARE:.0%} of a core in {busy:.0%} of the windows"
    if partial.startswith(DIED):
        yield partial
    planned, done = totals["acts"]
    if done < planned and not partial:
        yield f"{planned - done} of the plan's {planned} acts were not carried out"
    broken = sum(count for kind, count in totals["errors"].items() if kind.startswith(INTERNAL))
    if broken:
        yield f"the generator itself failed {broken} times"
    if not totals["counts"]["words"]:
        yield "no word was ever received"


def _tail(histogram: Histogram) -> float:
    """The p99, or the highest quantile that so few measurements allow."""
    found = (histogram.quantile(share) for share in (0.99, 0.95, 0.5))
    return next((value for value in found if value is not None), 0.0)


def _busy(shares: Sequence[float], churn: Churn) -> float:
    """The share of the plan's windows in which a process was saturated; the drain afterwards is none of them."""
    planned = shares[: max(math.ceil(churn.seconds / 10), 1)]
    return sum(share > MAX_CPU_SHARE for share in planned) / len(planned) if planned else 0.0


def _added(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return {name: a.get(name, 0) + b.get(name, 0) for name in (*a, *b)}


def _merged_windows(a: Sequence[Value], b: Sequence[Value]) -> list[Value]:
    """Windows of the same instant as one. A process that ended earlier still has its devices."""
    rows: dict[float, list[Value]] = {}
    for row in (*a, *b):
        rows.setdefault(row["at_s"], []).append(row)
    return [_one_window(at_s, rows[at_s]) for at_s in sorted(rows)]


def _one_window(at_s: float, rows: Sequence[Value]) -> Value:
    names = dict.fromkeys(name for row in rows for name in row["measures"])
    measures = {name: _sum(row["measures"][name] for row in rows if name in row["measures"]) for name in names}
    return {"at_s": at_s, **{name: sum(row[name] for row in rows) for name in _WINDOW_SUMS}, "measures": measures}


def _merged_storms(a: Value, b: Value) -> Value:
    return {
        "at_s": a["at_s"],
        "devices": a["devices"] + b["devices"],
        "refused": a["refused"] + b["refused"],
        "recovery": _sum((a["recovery"], b["recovery"])),
        "live": _sum((a["live"], b["live"])),
    }


def _merged_health(a: Value, b: Value) -> Value:
    return {
        **{name: _sum((a[name], b[name])) for name in ("lag", "behind", "delay_error")},
        "memory_mb": [one + other for one, other in zip(a["memory_mb"], b["memory_mb"], strict=True)],
        "cpu": [*a["cpu"], *b["cpu"]],
    }


def _sum(dumped: Iterable[Mapping[str, Any]]) -> Value:
    return merged(Histogram.load(row) for row in dumped).dump()


def _measures(windows: Sequence[Value]) -> dict[str, Quantiles]:
    """Every measure over all windows, in the order they are told in."""
    rows = [window["measures"] for window in windows]
    return {name: quantiles(merged(Histogram.load(row[name]) for row in rows if name in row)) for name in MEASURES}


def _window(row: Value) -> Window:
    measures = {name: quantiles(Histogram.load(row["measures"][name])) for name in MEASURES if name in row["measures"]}
    return Window(at_s=row["at_s"], measures=measures, **{name: row[name] for name in _WINDOW_SUMS})


def _storm(row: Value) -> StormResult:
    recovery, devices = Histogram.load(row["recovery"]), row["devices"]
    needed = math.ceil(BACK * devices)
    ms = recovery.quantile(needed / recovery.count) if recovery.count and recovery.count >= needed else None
    recovered_s = round(ms / 1e3, 3) if ms is not None else None
    live, curve = quantiles(Histogram.load(row["live"])), _curve(recovery, devices)
    return StormResult(row["at_s"], devices, recovered_s, row["refused"], live, curve)


def _curve(recovery: Histogram, devices: int) -> tuple[tuple[float, float], ...]:
    """(seconds since the cut, share of the devices that are back), at most POINTS of them."""
    points, back = [], 0
    for key, times in sorted(recovery.buckets.items()):
        back += times
        points.append((round(middle(key) / 1e3, 3), round(back / devices, 4)))
    step = math.ceil(len(points) / POINTS)
    return tuple(points[::-step][::-1]) if points else ()


def _health(totals: Value) -> Health:
    health = totals["health"]
    lag, behind, error = (Histogram.load(health[name]) for name in ("lag", "behind", "delay_error"))
    busiest = max((sum(shares) / len(shares) for shares in health["cpu"] if shares), default=0.0)
    third, end = health["memory_mb"]
    return Health(
        processes=totals["processes"],
        lag_p99_ms=_rounded(lag.quantile(0.99)),
        behind_p99_ms=_rounded(behind.quantile(0.99)),
        cpu_share=round(busiest, 3),
        memory_mb=(round(third, 1), round(end, 1)),
        delay_error_p99_ms=_rounded(error.quantile(0.99)),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
