from __future__ import annotations

from audit.faults.base import Fin, Forward, Strike
from audit.faults.passing import Passing, marked

from .drive import Data, Eof, Lift, Wait, drive


def test_everything_passes_at_once_and_nothing_strikes() -> None:
    trace = drive(Passing(), [Data(b"one"), Wait(5), Data(b"two"), Lift(), Eof()])
    assert trace.untouched
    assert trace.forwarded == b"onetwo"
    assert trace.ended
    assert not trace.struck


def test_one_piece_at_once_is_not_marked() -> None:
    assert list(marked([Forward(b"x", 7)], 7)) == [Forward(b"x", 7)]


def test_several_pieces_or_a_later_time_are_marked() -> None:
    assert list(marked([Forward(b"x", 8)], 7)) == [Strike(), Forward(b"x", 8)]
    assert list(marked([Forward(b"x", 7), Forward(b"y", 7)], 7)) == [Strike(), Forward(b"x", 7), Forward(b"y", 7)]
    assert list(marked([Fin(8)], 7)) == [Strike(), Fin(8)]
