from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audit.faults import Bandwidth
from audit.faults.base import Fin, Forward

from .drive import MS, Data, Eof, Wait, begin, drive
from .settings_of import LAW


def test_bytes_take_their_time() -> None:
    trace = drive(begin(Bandwidth(2)), [Data(bytes(100))])
    last = trace.actions[-1]
    assert isinstance(last, Forward)
    assert last.at_ns == trace.start_ns + 50 * MS


def test_they_trickle_instead_of_bursting() -> None:
    trace = drive(begin(Bandwidth(2)), [Data(bytes(100))])
    pieces = [(a.at_ns - trace.start_ns, len(a.data)) for a in trace.actions if isinstance(a, Forward)]
    assert pieces == [(10 * MS * n, 20) for n in range(1, 6)]


def test_fin_waits_for_the_bytes_before_it() -> None:
    trace = drive(begin(Bandwidth(2)), [Data(bytes(100)), Eof()])
    assert trace.actions[-1] == Fin(trace.start_ns + 50 * MS)


def test_an_idle_pipe_saves_nothing_up() -> None:
    trace = drive(begin(Bandwidth(2)), [Wait(1_000), Data(bytes(20))])
    last = trace.actions[-1]
    assert isinstance(last, Forward)
    assert last.at_ns == trace.now_ns + 10 * MS


@LAW
@given(st.integers(1, 500), st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20))
def test_no_prefix_arrives_faster_than_the_rate(rate_kbps: int, chunks: list[bytes]) -> None:
    trace = drive(begin(Bandwidth(rate_kbps)), [Data(chunk) for chunk in chunks])
    arrived = 0
    for action in trace.actions:
        if isinstance(action, Forward):
            arrived += len(action.data)
            elapsed_ms = (action.at_ns - trace.start_ns + len(chunks) * 2) / MS  # whole nanoseconds are rounded down
            assert arrived <= rate_kbps * elapsed_ms + 1e-3


def test_it_can_be_one_way() -> None:
    assert Bandwidth(2, direction="up").begin("down", Random(0)) is None
