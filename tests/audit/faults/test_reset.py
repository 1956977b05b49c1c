from __future__ import annotations

from random import Random

from audit.faults import Reset
from audit.faults.base import Rst

from .drive import Data, begin, drive


def test_it_ends_with_rst() -> None:
    assert drive(begin(Reset()), []).actions == [Rst()]


def test_bytes_can_go_first() -> None:
    trace = drive(begin(Reset(after_bytes=2)), [Data(b"abc")])
    assert trace.forwarded == b"ab"
    assert trace.actions[-1] == Rst()


def test_only_the_way_down_is_counted() -> None:
    assert Reset(after_bytes=2).begin("up", Random(0)) is None


def test_by_default_it_spares_the_reconnect() -> None:
    assert Reset().reaches == "live"
