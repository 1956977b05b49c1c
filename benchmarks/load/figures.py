"""From the rows of a run to the figures that are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, TypeAlias

Measured: TypeAlias = Mapping[str, Any]
Figure: TypeAlias = dict[str, Any]

CLOCK = "kernel"  # whose error is the headline; the other's is told beside it


def figures(rows: Sequence[Measured]) -> Figure:
    """The headline figures, None where something was not measured. A ratio is the median over all rounds, at whatever
    rate; those of each rate stand in `ratios`."""
    answers = {rival: _by_rate(rows, rival) for rival in ("locust", "k6", "c")}
    reconnects = _spread(_ratios(rows, {"what": "reconnects"}, "reconnects_per_cpu_s", "locust"))
    delays = {clock: _over(_where(rows, what="delays", clock=clock), "p99_ms") for clock in (CLOCK, "app")}
    return {
        **{f"events_vs_{rival}": _middle(ratios["all"]) for rival, ratios in answers.items()},
        "reconnects_vs_locust": _middle(reconnects),
        "delay_error_p99_ms": _middle(delays[CLOCK]),
        "kb_per_device": _slope(rows),
        "ratios": {"events": answers, "reconnects": reconnects},
        "delay_errors_p99_ms": delays,
    }


def _by_rate(rows: Sequence[Measured], rival: str) -> dict[str, Figure | None]:
    rates = sorted({row["rate"] for row in rows if row["what"] == "answers"})
    found = {rate: _ratios(rows, {"what": "answers", "rate": rate}, "events_per_cpu_s", rival) for rate in rates}
    each = {str(rate): _spread(ratios) for rate, ratios in found.items()}
    return {**each, "all": _spread([ratio for ratios in found.values() for ratio in ratios])}


def _ratios(rows: Sequence[Measured], what: Measured, measure: str, rival: str) -> list[float]:
    """Ours by the rival's, round by round: what slows a whole round down slows both."""
    ours = {row["round"]: row[measure] for row in _where(rows, **what, client="ours")}
    theirs = {row["round"]: row[measure] for row in _where(rows, **what, client=rival)}
    return [ours[number] / theirs[number] for number in sorted(ours.keys() & theirs.keys())]


def _over(rows: Iterable[Measured], measure: str) -> Figure | None:
    return _spread([row[measure] for row in rows])


def _spread(values: Sequence[float]) -> Figure | None:
    if not values:
        return None
    return {"median": median(values), "least": min(values), "most": max(values), "rounds": len(values)}


def _middle(figure: Figure | None) -> float | None:
    return figure["median"] if figure else None


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
