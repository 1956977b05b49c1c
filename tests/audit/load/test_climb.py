"""A load that rises: where it ends, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from audit.errors import HarnessError
from audit.load.churn import Churn
from audit.load.climb import Climb, model_of, rung_of, steps_of
from audit.load.order import Order
from audit.load.result import GateResult, LoadResult

from .samples import quantiles, result, window

ORDER = Order("target.toml", "", Churn(seconds=20.0), seed=7)
LEVELS = (100, 200, 300)
Change = Callable[[LoadResult], LoadResult]


def played(order: Order) -> LoadResult:
    """A step of twenty seconds at which every device gets five words a second; more come after its end."""
    devices = order.churn.devices
    windows = tuple(window(at * 10.0, devices, devices * 50) for at in range(3))
    return result(devices=devices, seconds=order.churn.seconds, windows=windows, refused=0)


def climbed(at: int = 0, change: Change | None = None) -> tuple[Climb, list[int]]:
    """A climb whose step of so many devices goes otherwise, and the steps that were played to their end."""
    climb = Climb(LEVELS, 1_000.0, lambda order: _changed(played(order), at, change))
    return climb, [rung.devices for rung in climb.rungs(ORDER)]


def _changed(found: LoadResult, at: int, change: Change | None) -> LoadResult:
    return change(found) if change and found.devices == at else found


def failed(error: BaseException) -> Change:
    def fail(_: LoadResult) -> LoadResult:
        raise error

    return fail


def test_a_target_that_holds_is_taken_to_the_last_step() -> None:
    climb, rungs = climbed()
    assert (climb.ended, climb.why, rungs) == ("held", "it held 300 devices", [100, 200, 300])


def test_the_first_step_that_breaks_ends_the_climb_and_is_kept() -> None:
    broken = GateResult("lost == 0", 3.0, False)
    climb, rungs = climbed(200, lambda found: replace(found, gates=(broken,)))
    assert (climb.ended, rungs) == ("broke", [100, 200])
    assert climb.why == "broke at 200 devices: gate failed: lost == 0 (it was 3)"


def test_a_void_step_ends_it_and_says_nothing_of_the_target() -> None:
    climb, rungs = climbed(200, lambda found: replace(found, void="the generator was busy"))
    assert (climb.ended, rungs) == ("void", [100, 200])
    assert "200 devices proves nothing: the generator was busy" in climb.why


@pytest.mark.parametrize(
    ("change", "ended", "why"),
    [
        (lambda found: replace(found, partial="stopped"), "interrupted", "at 200 devices: stopped"),
        (failed(KeyboardInterrupt()), "interrupted", "interrupted at 200 devices"),
        (failed(HarnessError("Locust ended")), "void", "at 200 devices Locust ended"),
    ],
)
def test_a_step_that_was_not_played_to_its_end_is_left_out(change: Change, ended: str, why: str) -> None:
    climb, rungs = climbed(200, change)
    assert (climb.ended, climb.why, rungs) == (ended, why, [100])


def test_words_that_came_after_the_step_do_not_count() -> None:
    rung = rung_of(played(ORDER), 1_000.0)
    assert rung.held and rung.words_per_s == ORDER.churn.devices * 5


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (replace(played(ORDER), refused=3), "3 resumes were refused"),
        (
            replace(played(ORDER), measures={"item_delay": quantiles(10.0, 1_001.0, None)}),
            "words came 1,001 ms late (p95, at most 1,000)",
        ),
        (replace(played(ORDER), gates=(GateResult("lost == 0", 3.0, False),)), "gate failed: lost == 0"),
    ],
)
def test_what_breaks_a_step_is_named(changed: LoadResult, why: str) -> None:
    rung = rung_of(changed, 1_000.0)
    assert not rung.held and why in rung.broke


def test_a_gate_that_could_not_be_judged_is_kept_in_mind() -> None:
    gate = GateResult("stop_delay_p99_ms < 1000", None, None)
    rung = rung_of(replace(played(ORDER), gates=(gate,)), 1_000.0)
    assert rung.held and rung.unjudged == (gate.gate,)


def test_a_void_step_says_nothing_but_a_broken_one_does() -> None:
    held, broken, void = (
        replace(rung_of(played(ORDER), 1_000.0), devices=devices, broke=broke, void=why)
        for devices, broke, why in ((100, "", ""), (200, "late", ""), (300, "", "busy"))
    )
    assert [step.devices for step in steps_of([held, broken, void])] == [100, 200]
    assert model_of([broken, void], 1) == (None, "no step held")


def test_without_numpy_there_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "audit.load.capacity", raising=False)
    monkeypatch.delitem(sys.modules, "audit.load.scaling", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    rung = replace(rung_of(played(ORDER), 1_000.0), broke="")
    assert model_of([rung], 1) == (None, "needs numpy, which is not installed")
