from __future__ import annotations

from random import Random

from audit.faults import Blackhole
from audit.faults.base import Strike

from .drive import Data, Eof, Lift, Wait, begin, drive


def test_it_swallows_bytes_and_fin() -> None:
    trace = drive(begin(Blackhole()), [Data(b"abc"), Eof(), Wait(60_000)])
    assert trace.actions == [Strike()]


def test_it_strikes_an_idle_connection() -> None:
    assert drive(begin(Blackhole()), []).actions == [Strike()]


def test_what_it_swallowed_does_not_come_back() -> None:
    assert drive(begin(Blackhole()), [Data(b"abc"), Lift()]).forwarded == b""


def test_it_can_be_one_way() -> None:
    assert Blackhole(direction="up").begin("down", Random(0)) is None
    assert Blackhole(direction="up").begin("up", Random(0)) is not None


def test_by_default_it_spares_the_reconnect() -> None:
    assert Blackhole().reaches == "live"
