"""From the rows of a run to the figures that are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, TypeAlias

Measured: TypeAlias = Mapping[str, Any]
Figure: TypeAlias = dict[str, Any]

CLOCK = "kernel"  # whose error is the headline; the other's is told beside it


def figures(rows: Sequence[Measured]) -> Figure:
    """The headline figures, None where something was not measured. Of a ratio at several rates the worst is told."""
    answers = {rival: _by_rate(rows, rival) for rival in ("locust", "k6", "c")}
    reconnects = _ratio(rows, {"what": "reconnects"}, "reconnects_per_cpu_s", "locust")
    delays = {clock: _over(_where(rows, what="delays", clock=clock), "p99_ms") for clock in (CLOCK, "app")}
    error = delays[CLOCK]
    return {
        **{f"events_vs_{rival}": _worst(ratios) for rival, ratios in answers.items()},
        "reconnects_vs_locust": reconnects and reconnects["median"],
        "delay_error_p99_ms": error and error["median"],
        "kb_per_device": _slope(rows),
        "ratios": {"events": answers, "reconnects": reconnects},
        "delay_errors_p99_ms": delays,
    }


def _by_rate(rows: Sequence[Measured], rival: str) -> dict[str, Figure]:
    rates = sorted({row["rate"] for row in rows if row["what"] == "answers"})
    found = {str(rate): _ratio(rows, {"what": "answers", "rate": rate}, "events_per_cpu_s", rival) for rate in rates}
    return {rate: ratio for rate, ratio in found.items() if ratio is not None}


def _ratio(rows: Sequence[Measured], what: Measured, measure: str, rival: str) -> Figure | None:
    """Ours by the rival's, round by round: what slows a whole round down slows both."""
    ours = {row["round"]: row[measure] for row in _where(rows, **what, client="ours")}
    theirs = {row["round"]: row[measure] for row in _where(rows, **what, client=rival)}
    return _spread([ours[number] / theirs[number] for number in sorted(ours.keys() & theirs.keys())])


def _over(rows: Iterable[Measured], measure: str) -> Figure | None:
    return _spread([row[measure] for row in rows])


def _spread(values: Sequence[float]) -> Figure | None:
    if not values:
        return None
    return {"median": median(values), "least": min(values), "most": max(values), "rounds": len(values)}


def _worst(ratios: Mapping[str, Figure]) -> float | None:
    return min((ratio["median"] for ratio in ratios.values()), default=None)


def _slope(rows: Sequence[Measured]) -> float | None:
    """Kilobytes of resident memory for each device more."""
    held = [row for row in _where(rows, what="held") if row["rss_kb"]]
    few = [row for row in _where(rows, what="answers", client="ours") if row["rss_kb"]]
    if not held or not few:
        return None
    more = held[0]["devices"] - few[0]["devices"]
    slope: float = (held[0]["rss_kb"] - median(row["rss_kb"] for row in few)) / more
    return slope


def _where(rows: Iterable[Measured], **given: Any) -> list[Measured]:
    return [row for row in rows if all(row.get(name) == value for name, value in given.items())]
