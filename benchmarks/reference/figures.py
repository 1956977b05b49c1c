"""From the rows of a run to the ratios that are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, TypeAlias

Measured: TypeAlias = Mapping[str, Any]
Figure: TypeAlias = dict[str, Any]

# name → what was measured, against whom, in which measure, and whether more of it is better
HEADLINES = {
    "durable_vs_file": ("live", "vendor-file", "deliveries_per_cpu_s", True),
    "durable_vs_memory": ("busy", "vendor-memory", "deliveries_per_cpu_s", True),
    "fanout_vs_memory": ("fanout-busy", "vendor-memory", "deliveries_per_cpu_s", True),
    "storm_cpu_ratio": ("storm", "vendor-memory", "cpu_s", False),
    "resume_10k_cpu_ratio": ("resume", "vendor-memory", "cpu_s", False),
    "memory_per_device_ratio": ("held", "vendor-memory", "kb_per_reader", True),
}
BESIDE = {  # the same at an easy pace: what a server costs that is idle most of the time
    "durable_vs_memory_easy": ("live", "vendor-memory", "deliveries_per_cpu_s", True),
    "fanout_vs_memory_easy": ("fanout", "vendor-memory", "deliveries_per_cpu_s", True),
}


def figures(rows: Sequence[Measured]) -> Figure:
    """Each ratio: the median over the rounds in which both were measured, None where there is none. All but memory say
    how many times better ours is; memory is ours by theirs."""
    spreads = {name: _spread(_ratios(rows, *of)) for name, of in (HEADLINES | BESIDE).items()}
    return {**{name: _middle(spreads[name]) for name in HEADLINES}, "ratios": spreads}


def _ratios(rows: Sequence[Measured], what: str, rival: str, measure: str, more: bool) -> list[float]:
    ours, theirs = _by_round(rows, what, "ours", measure), _by_round(rows, what, rival, measure)
    both = sorted(ours.keys() & theirs.keys())
    return [ours[number] / theirs[number] if more else theirs[number] / ours[number] for number in both]


def _by_round(rows: Sequence[Measured], what: str, server: str, measure: str) -> dict[int, float]:
    return {row["round"]: row[measure] for row in rows if (row["what"], row["server"]) == (what, server)}


def _spread(values: Sequence[float]) -> Figure | None:
    if not values:
        return None
    return {"median": median(values), "least": min(values), "most": max(values), "rounds": len(values)}


def _middle(figure: Figure | None) -> float | None:
    return figure["median"] if figure else None
