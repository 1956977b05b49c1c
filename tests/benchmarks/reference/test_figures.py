from __future__ import annotations

from typing import Any

from benchmarks.reference.figures import HEADLINES, figures

Row = dict[str, Any]


def row(what: str, server: str, number: int, **measures: float) -> Row:
    return {"what": what, "server": server, "round": number, **measures}


def test_a_ratio_is_the_median_of_its_rounds_and_says_how_many_times_better_ours_is() -> None:
    rates = [row("busy", "ours", number, deliveries_per_cpu_s=each) for number, each in enumerate((30.0, 80.0, 60.0))]
    rivals = [row("busy", "vendor-memory", number, deliveries_per_cpu_s=10.0) for number in range(3)]
    spent = [row("storm", "ours", 1, cpu_s=0.5), row("storm", "vendor-memory", 1, cpu_s=10.0)]
    held = [row("held", "ours", 1, kb_per_reader=10.0), row("held", "vendor-memory", 1, kb_per_reader=40.0)]
    found = figures([*rates, *rivals, *spent, *held])
    assert found["ratios"]["durable_vs_memory"] == {"median": 6.0, "least": 3.0, "most": 8.0, "rounds": 3}
    assert (found["durable_vs_memory"], found["storm_cpu_ratio"], found["memory_per_device_ratio"]) == (6.0, 20.0, 0.25)


def test_a_round_without_one_of_the_two_has_no_ratio_and_nothing_measured_no_figure() -> None:
    found = figures(
        [row("busy", "ours", 1, deliveries_per_cpu_s=30.0), row("busy", "vendor-memory", 2, deliveries_per_cpu_s=1.0)]
    )
    assert [found[name] for name in HEADLINES] == [None] * 6
