"""What holds for every fault, whatever its settings and whatever comes when."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audit.faults import FAULTS, Blackhole, Fault
from audit.faults.base import Direction, Fin, Flow, Forward, Rst, Strike, Wake

from .drive import SCRIPTS, Lift, Step, Trace, drive
from .settings_of import ANY_FAULT, LAW, LOSSLESS_FAULT, STRATEGIES

SEEDS = st.integers(0, 2**32)
DIRECTIONS: st.SearchStrategy[Direction] = st.sampled_from(("down", "up"))


def traced(fault: Fault, direction: Direction, seed: int, script: list[Step]) -> Trace | None:
    flow: Flow | None = fault.begin(direction, Random(seed))
    return None if flow is None else drive(flow, script)


def test_every_fault_is_under_the_laws() -> None:
    assert tuple(STRATEGIES) == FAULTS


@LAW
@given(ANY_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_what_is_forwarded_is_a_prefix_of_what_came(
    fault: Fault, direction: Direction, seed: int, script: list[Step]
) -> None:
    if trace := traced(fault, direction, seed, script):
        assert trace.received.startswith(trace.forwarded)


@LAW
@given(ANY_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_nothing_comes_after_an_ending(fault: Fault, direction: Direction, seed: int, script: list[Step]) -> None:
    if trace := traced(fault, direction, seed, script):
        endings = [place for place, action in enumerate(trace.actions) if isinstance(action, Fin | Rst)]
        assert endings in ([], [len(trace.actions) - 1])


@LAW
@given(ANY_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_times_never_go_back(fault: Fault, direction: Direction, seed: int, script: list[Step]) -> None:
    if trace := traced(fault, direction, seed, script):
        last_ns = trace.start_ns
        for said_ns, action in trace.log:
            if isinstance(action, Wake):
                assert action.at_ns > said_ns
            elif isinstance(action, Forward | Fin | Rst):
                wanted_ns = max(action.at_ns, said_ns)
                assert wanted_ns >= last_ns
                last_ns = wanted_ns


@LAW
@given(LOSSLESS_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_a_fault_that_only_delays_lets_go_of_everything(
    fault: Fault, direction: Direction, seed: int, script: list[Step]
) -> None:
    if trace := traced(fault, direction, seed, [*(step for step in script if step != Lift()), Lift()]):
        assert trace.forwarded == trace.received
        assert trace.ended == trace.eof


@LAW
@given(ANY_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_a_fault_strikes_exactly_when_it_changes_something(
    fault: Fault, direction: Direction, seed: int, script: list[Step]
) -> None:
    if trace := traced(fault, direction, seed, script):
        changed = not trace.untouched or (trace.ended and not trace.eof)
        assert trace.struck == (changed or isinstance(fault, Blackhole))


@LAW
@given(ANY_FAULT, DIRECTIONS, SEEDS, SCRIPTS)
def test_the_same_seed_does_the_same(fault: Fault, direction: Direction, seed: int, script: list[Step]) -> None:
    first, second = traced(fault, direction, seed, script), traced(fault, direction, seed, script)
    assert first == second


@LAW
@given(ANY_FAULT)
def test_a_fault_never_forwards_an_empty_piece_or_strikes_in_vain(fault: Fault) -> None:
    if trace := traced(fault, "down", 0, []):
        assert not any(isinstance(action, Forward) for action in trace.actions)
        assert all(isinstance(action, Strike | Wake | Fin | Rst) for action in trace.actions)


@LAW
@given(ANY_FAULT)
def test_settings_are_json_and_make_the_same_fault_again(fault: Fault) -> None:
    assert type(fault)(**json.loads(json.dumps(fault.settings()))) == fault


@LAW
@given(ANY_FAULT)
def test_a_fault_is_frozen_and_hashable(fault: Fault) -> None:
    assert is_dataclass(fault)
    assert fault in {fault}
    for field in fields(fault):
        try:
            setattr(fault, field.name, None)
        except AttributeError:
            continue
        raise AssertionError(f"{field.name} can be changed")
