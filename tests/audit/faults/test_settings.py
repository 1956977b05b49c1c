from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.faults import Bandwidth, Blackhole, Close, Fault, Latency, Refuse, Reset, Slicer, Stall
from audit.faults.settings import one_of, spans, whole


@pytest.mark.parametrize(
    ("named", "make"),
    [
        ("after_bytes", lambda: Close(after_bytes=-1)),
        ("after_bytes", lambda: Close(after_bytes=True)),
        ("reaches", lambda: Close(reaches="all")),  # type: ignore[arg-type]
        ("after_bytes", lambda: Reset(after_bytes=1.5)),  # type: ignore[arg-type]
        ("reaches", lambda: Reset(reaches="")),  # type: ignore[arg-type]
        ("direction", lambda: Blackhole(direction="sideways")),  # type: ignore[arg-type]
        ("reaches", lambda: Blackhole(reaches=None)),  # type: ignore[arg-type]
        ("duration_ms", lambda: Stall(duration_ms=0)),
        ("direction", lambda: Stall(direction="Down")),  # type: ignore[arg-type]
        ("reaches", lambda: Stall(reaches="none")),  # type: ignore[arg-type]
        ("latency_ms", lambda: Latency(0)),
        ("jitter_ms", lambda: Latency(10, jitter_ms=11)),
        ("direction", lambda: Latency(10, direction="")),  # type: ignore[arg-type]
        ("reaches", lambda: Latency(10, reaches="old")),  # type: ignore[arg-type]
        ("average_size_bytes", lambda: Slicer(0)),
        ("size_variation_bytes", lambda: Slicer(4, size_variation_bytes=4)),
        ("delay_us", lambda: Slicer(4, delay_us=-1)),
        ("direction", lambda: Slicer(4, direction="out")),  # type: ignore[arg-type]
        ("reaches", lambda: Slicer(4, reaches="out")),  # type: ignore[arg-type]
        ("rate_kbps", lambda: Bandwidth(0)),
        ("direction", lambda: Bandwidth(1, direction="in")),  # type: ignore[arg-type]
        ("reaches", lambda: Bandwidth(1, reaches="in")),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_setting_is_refused_by_name(named: str, make: Callable[[], Fault]) -> None:
    with pytest.raises(ValueError, match=f"^{named} must be"):
        make()


def test_the_message_says_what_would_be_right() -> None:
    with pytest.raises(ValueError, match="size must be a whole number from 1 to 3, not 4"):
        whole("size", 4, 1, 3)
    with pytest.raises(ValueError, match="size must be a whole number from 1, not 'x'"):
        whole("size", "x", 1)
    with pytest.raises(ValueError, match="color must be one of red, blue, not 'green'"):
        one_of("color", "green", ("red", "blue"))


def test_settings_are_those_that_can_be_set() -> None:
    assert Close(after_bytes=3).settings() == {"after_bytes": 3, "reaches": "live"}
    assert Stall().settings() == {"duration_ms": None, "direction": "both", "reaches": "live"}
    assert Refuse().settings() == {}


def test_only_refuse_refuses() -> None:
    assert [fault.refuses for fault in (Refuse(), Close(), Reset(), Blackhole(), Stall())] == [True] + [False] * 4


def test_a_span_covers_its_direction_or_both() -> None:
    assert [spans("both", "up"), spans("up", "up"), spans("down", "up")] == [True, True, False]
