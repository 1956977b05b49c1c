"""Drives one flow through a script on a virtual clock, and keeps what it did and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from hypothesis import strategies as st

from audit.faults import Fault
from audit.faults.base import Action, Direction, Fin, Flow, Forward, Rst, Strike, Wake

MS = 1_000_000


@dataclass(frozen=True)
class Data:
    """The sender sends."""

    bytes: bytes


@dataclass(frozen=True)
class Eof:
    """The sender says FIN."""


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    ms: int


@dataclass(frozen=True)
class Lift:
    """The fault is lifted: the end of a script."""


Step: TypeAlias = Data | Eof | Wait | Lift
STEPS = st.lists(st.builds(Data, st.binary(min_size=1, max_size=60)) | st.builds(Wait, st.integers(0, 40)), max_size=12)
SCRIPTS = st.builds(
    lambda steps, eof, end: [*steps, *eof, *end],
    STEPS,
    st.sampled_from([[], [Eof()]]),
    STEPS.map(lambda steps: [step for step in steps if isinstance(step, Wait)]) | st.just([Lift()]),
)


@dataclass
class Trace:
    """What a flow was given and what it did. `at` is when it said so, not when it wants it done."""

    start_ns: int
    received: bytes = b""
    eof: bool = False
    lifted: bool = False
    now_ns: int = 0
    log: list[tuple[int, Action]] = field(default_factory=list)
    untouched: bool = True

    @property
    def actions(self) -> list[Action]:
        return [action for _, action in self.log]

    @property
    def forwarded(self) -> bytes:
        return b"".join(action.data for action in self.actions if isinstance(action, Forward))

    @property
    def ended(self) -> bool:
        return any(isinstance(action, Fin | Rst) for action in self.actions)

    @property
    def struck(self) -> bool:
        """By its own word, or by an ending that nobody asked for."""
        said = any(isinstance(action, Strike) for action in self.actions)
        return said or any(isinstance(action, Rst) for action in self.actions) or (self.ended and not self.eof)


def drive(flow: Flow, script: Iterable[Step], start_ns: int = 5_000 * MS) -> Trace:
    """Run a script until it is over or the flow has ended the connection. Time never starts at zero."""
    trace = Trace(start_ns, now_ns=start_ns)
    _take(trace, flow.on_start(trace.now_ns))
    for step in script:
        if trace.ended:
            break
        _do(trace, flow, step)
    return trace


def begin(fault: Fault, direction: Direction = "down", seed: int = 0) -> Flow:
    """The flow that this fault has for a direction."""
    flow = fault.begin(direction, Random(seed))
    assert flow is not None
    return flow


def _do(trace: Trace, flow: Flow, step: Step) -> None:
    if isinstance(step, Data):
        trace.received += step.bytes
        done = _take(trace, flow.on_data(step.bytes, trace.now_ns))
        trace.untouched &= [type(a) for a in done] == [Forward] and _times(done) == [trace.now_ns]
    elif isinstance(step, Eof):
        trace.eof = True
        done = _take(trace, flow.on_eof(trace.now_ns))
        trace.untouched &= [type(a) for a in done] == [Fin] and _times(done) == [trace.now_ns]
    elif isinstance(step, Lift):
        trace.lifted = True
        _take(trace, flow.on_lift(trace.now_ns))
    else:
        _wait(trace, flow, trace.now_ns + step.ms * MS)


def _wait(trace: Trace, flow: Flow, until_ns: int) -> None:
    """Let time pass, and call every wake at its own time."""
    while not trace.ended:
        pending = sorted(action.at_ns for action in trace.actions if isinstance(action, Wake))
        due = [at_ns for at_ns in pending if trace.now_ns < at_ns <= until_ns]
        if not due:
            break
        trace.now_ns = due[0]
        _take(trace, flow.on_wake(trace.now_ns))
    trace.now_ns = until_ns


def _take(trace: Trace, actions: Iterable[Action]) -> list[Action]:
    done = list(actions)
    trace.log.extend((trace.now_ns, action) for action in done)
    return done


def _times(actions: Iterable[Action]) -> list[int]:
    return [action.at_ns for action in actions if not isinstance(action, Strike)]
