from __future__ import annotations

from collections.abc import Iterable

import pytest

from audit.faults.base import Action, Fin, Forward, Rst, Strike, Wake
from audit.faults.passing import Passing
from audit.faults.stage import Ending, Stage


class Scripted(Passing):
    """Answers every call with the next list of actions."""

    def __init__(self, *answers: list[Action]) -> None:
        self.answers = list(answers)

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        return self.answers.pop(0)

    def on_eof(self, now_ns: int) -> Iterable[Action]:
        return self.answers.pop(0)

    def on_wake(self, now_ns: int) -> Iterable[Action]:
        return self.answers.pop(0)

    def on_lift(self, now_ns: int) -> Iterable[Action]:
        return self.answers.pop(0)


def test_what_is_not_due_stays_and_keeps_back_what_is_behind_it() -> None:
    stage = Stage(Scripted([Forward(b"a", 10), Forward(b"b", 5), Forward(b"c")]))
    stage.data(b"abc", 1)
    assert list(stage.due()) == [10]
    assert list(stage.release(9)) == []
    assert [action.data for action in stage.release(10) if isinstance(action, Forward)] == [b"a", b"b", b"c"]
    assert list(stage.due()) == []


def test_wakes_come_in_the_order_of_their_times_whenever_they_were_asked_for() -> None:
    stage = Stage(Scripted([Wake(20), Wake(10)], [], [Strike()]))
    stage.data(b"a", 1)
    assert list(stage.due()) == [10]
    assert stage.wake(9) is False
    assert stage.wake(10) is False
    assert list(stage.due()) == [20]
    assert stage.wake(25) is True
    assert list(stage.due()) == []


def test_a_strike_is_reported_where_it_is_said() -> None:
    stage = Stage(Scripted([Forward(b"a")], [Strike(), Forward(b"b")]))
    assert stage.data(b"a", 1) is False
    assert stage.data(b"b", 2) is True


@pytest.mark.parametrize("cut", [Fin(), Rst(), Fin(99), Rst(99)])
def test_after_a_cut_was_ordered_nothing_more_comes_in(cut: Fin | Rst) -> None:
    stage = Stage(Scripted([cut]))
    stage.data(b"a", 1)
    stage.data(b"b", 2)
    stage.end(Ending("rst"), 3)
    assert list(stage.release(100)) == [cut]
    assert stage.ending is None


def test_a_rst_after_a_fin_is_put_to_the_flow_again_and_a_second_fin_is_not() -> None:
    stage = Stage(Passing())
    stage.end(Ending("fin"), 1)
    stage.end(Ending("fin"), 2)
    assert list(stage.release(5)) == [Fin(1)]
    stage.end(Ending("rst"), 6)
    stage.end(Ending("fin"), 7)
    assert list(stage.release(9)) == [Fin(6)]
    assert stage.ending == Ending("rst")


def test_lifting_lets_go_of_the_whole_schedule_at_once_and_then_passes() -> None:
    stage = Stage(Scripted([Forward(b"a", 1_000), Wake(2_000)], [Forward(b"b", 5)]))
    stage.data(b"ab", 1)
    stage.lift(5)
    assert [action.data for action in stage.release(5) if isinstance(action, Forward)] == [b"a", b"b"]
    assert list(stage.due()) == []
    stage.data(b"c", 6)
    assert list(stage.release(6)) == [Forward(b"c", 6)]


@pytest.mark.parametrize("swallowed", ["bytes", "fin"])
def test_lifting_a_stage_with_a_hole_in_it_leaves_it_silent(swallowed: str) -> None:
    stage = Stage(Scripted([], []))
    if swallowed == "bytes":
        stage.data(b"a", 1)
    else:
        stage.end(Ending("fin"), 1)
    stage.lift(2)
    stage.data(b"b", 3)
    stage.end(Ending("rst"), 4)
    assert list(stage.release(5)) == []


def test_sealing_forgets_what_was_scheduled() -> None:
    stage = Stage(Scripted([Forward(b"a", 10), Wake(10)]))
    stage.data(b"a", 1)
    stage.seal()
    stage.data(b"b", 2)
    assert list(stage.due()) == []
    assert list(stage.release(10)) == []
