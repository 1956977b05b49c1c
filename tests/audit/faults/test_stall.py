from __future__ import annotations

from random import Random

from audit.faults import Stall
from audit.faults.base import Fin, Forward, Strike, Wake

from .drive import MS, Data, Eof, Lift, Step, Wait, begin, drive


def test_it_holds_for_the_duration_and_then_lets_go_of_all_at_once() -> None:
    trace = drive(begin(Stall(duration_ms=30)), [Wait(10), Data(b"ab"), Wait(10), Data(b"cd"), Wait(10)])
    assert trace.log[-1] == (trace.start_ns + 30 * MS, Forward(b"abcd", trace.start_ns + 30 * MS))


def test_the_duration_counts_from_when_it_takes_hold() -> None:
    trace = drive(begin(Stall(duration_ms=30)), [])
    assert trace.actions == [Wake(trace.start_ns + 30 * MS)]


def test_once_over_it_is_over() -> None:
    trace = drive(begin(Stall(duration_ms=30)), [Wait(30), Data(b"ab"), Eof()])
    assert trace.untouched
    assert not trace.struck


def test_without_a_duration_it_holds_until_lifted() -> None:
    script: list[Step] = [Data(b"ab"), Wait(3_600_000)]
    assert drive(begin(Stall()), script).forwarded == b""
    assert drive(begin(Stall()), [*script, Lift()]).forwarded == b"ab"


def test_fin_is_held_behind_the_bytes() -> None:
    trace = drive(begin(Stall(duration_ms=30)), [Data(b"ab"), Eof(), Wait(30)])
    assert [type(action) for action in trace.actions] == [Wake, Strike, Strike, Forward, Fin]


def test_it_can_be_one_way() -> None:
    assert Stall(direction="down").begin("up", Random(0)) is None
