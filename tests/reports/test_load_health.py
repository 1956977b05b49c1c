from __future__ import annotations

from dataclasses import replace

from audit.finding import Verdict
from reports.load_health import signs

from . import load_runs


def test_a_healthy_generator() -> None:
    found = {sign.what: sign for sign in signs(load_runs.held())}
    assert [sign.verdict for sign in found.values()] == [Verdict.PASS] * 3 + [None] * 2
    assert found["Event loop late, p99"].value == "4.1 ms"
    assert found["Event loop late, p99"].limit == "100 ms"
    assert found["Memory"].value.endswith("(flat)")


def test_a_saturated_one() -> None:
    lag, behind, cpu, *_ = signs(load_runs.void())
    assert [sign.verdict for sign in (lag, behind, cpu)] == [Verdict.GAP] * 3
    assert cpu.value == "99 % of a core"


def test_what_was_not_measured_is_not_within() -> None:
    lag, *_ = signs(load_runs.empty())
    assert (lag.value, lag.verdict) == ("–", Verdict.INCONCLUSIVE)


def test_memory_that_grows_is_noticed() -> None:
    health = replace(load_runs.held().health, memory_mb=(100.0, 240.0), delay_error_p99_ms=0.31)
    *_, received, _, memory = signs(replace(load_runs.held(), health=health))
    assert "grew: look for a leak" in memory.value
    assert received.value == "0.31 ms later than the kernel"
