from __future__ import annotations

import pytest

from audit.faults.base import Fin, Forward, Rst
from audit.faults.cut import Cut

from .drive import Data, Eof, drive


@pytest.mark.parametrize("ending", [Fin(), Rst()])
def test_nothing_to_forward_first_means_now_even_on_an_idle_connection(ending: Fin | Rst) -> None:
    assert drive(Cut(0, ending), []).actions == [ending]


def test_the_cut_follows_the_last_byte_allowed() -> None:
    trace = drive(Cut(5, Rst()), [Data(b"abc"), Data(b"def"), Data(b"ghi")])
    assert trace.forwarded == b"abcde"
    assert trace.actions[-1] == Rst()


def test_it_does_not_wait_for_the_byte_after_the_last() -> None:
    trace = drive(Cut(3, Fin()), [Data(b"abc")])
    assert [type(action) for action in trace.actions] == [Forward, Fin]


def test_a_sender_that_ends_before_just_ends() -> None:
    trace = drive(Cut(5, Rst()), [Data(b"abc"), Eof()])
    assert isinstance(trace.actions[-1], Fin)
    assert not trace.struck
