from __future__ import annotations

from typing import Any

from benchmarks.load.figures import figures

Row = dict[str, Any]


def answer(client: str, number: int, rate: int, events: float) -> Row:
    row = {"what": "answers", "round": number, "rate": rate, "client": client, "events_per_cpu_s": events}
    return {**row, "devices": 500, "rss_kb": 60_000 if client == "ours" else 0}


def pair(number: int, rate: int, ours: float, rival: str, theirs: float) -> list[Row]:
    return [answer("ours", number, rate, ours), answer(rival, number, rate, theirs)]


def test_a_ratio_is_the_median_of_its_rounds_at_every_rate() -> None:
    quick = [*pair(1, 20, 100, "locust", 20), *pair(2, 20, 60, "locust", 10), *pair(3, 20, 400, "locust", 100)]
    slow = [*pair(1, 40, 90, "locust", 30), *pair(2, 40, 60, "locust", 30)]
    found = figures([*quick, *slow])
    assert found["ratios"]["events"]["locust"]["20"] == {"median": 5.0, "least": 4.0, "most": 6.0, "rounds": 3}
    assert found["ratios"]["events"]["locust"]["40"]["median"] == 2.5
    assert found["events_vs_locust"] == found["ratios"]["events"]["locust"]["all"]["median"] == 4.0


def test_a_round_without_one_of_the_two_has_no_ratio() -> None:
    found = figures([answer("ours", 1, 20, 100), *pair(2, 20, 80, "c", 100)])
    assert found["ratios"]["events"]["c"]["20"]["rounds"] == 1
    assert found["events_vs_c"] == 0.8


def test_what_was_not_measured_has_no_figure() -> None:
    found = figures([answer("ours", 1, 20, 100)])
    names = ("events_vs_locust", "events_vs_k6", "events_vs_c", "reconnects_vs_locust", "delay_error_p99_ms")
    assert [found[name] for name in (*names, "kb_per_device")] == [None] * 6


def test_reconnects_delays_and_memory() -> None:
    reconnects = [
        {"what": "reconnects", "round": 1, "client": client, "reconnects_per_cpu_s": value}
        for client, value in (("ours", 12.0), ("locust", 2.0))
    ]
    delays = [
        {"what": "delays", "round": n, "clock": clock, "p99_ms": n * ms} for n in (1, 2, 3) for clock, ms in CLOCKS
    ]
    held = [{"what": "held", "client": "ours", "devices": 5_000, "rss_kb": 105_000}]
    found = figures([answer("ours", 1, 20, 100), *reconnects, *delays, *held])
    assert found["reconnects_vs_locust"] == 6.0
    assert found["delay_error_p99_ms"] == 0.25
    assert found["delay_errors_p99_ms"]["app"]["median"] == 4.0
    assert found["kb_per_device"] == 10.0


CLOCKS = (("kernel", 0.125), ("app", 2.0))
