from __future__ import annotations

from random import Random

from audit.faults import Close
from audit.faults.base import Fin

from .drive import Data, begin, drive


def test_it_ends_with_fin() -> None:
    assert drive(begin(Close()), []).actions == [Fin()]


def test_it_can_cut_inside_a_character() -> None:
    text = "né".encode()
    trace = drive(begin(Close(after_bytes=2)), [Data(text)])
    assert trace.forwarded == text[:2]
    assert trace.forwarded.decode(errors="replace") == "n\ufffd"


def test_only_the_way_down_is_counted() -> None:
    assert Close(after_bytes=2).begin("up", Random(0)) is None


def test_by_default_it_spares_the_reconnect() -> None:
    assert Close().reaches == "live"
