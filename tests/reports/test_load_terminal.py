from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.load_terminal import summary
from reports.text import columns

from . import load_runs

ANSI = re.compile(r"\x1b\[\d+m")


def test_the_verdict_the_gates_and_the_delays() -> None:
    told = summary(load_runs.lossy(), 100)
    assert told.startswith("✗ acme-chat: broken\n")
    for line in (
        "  ✗ failed: lost == 0 (70)",
        "  ? could not be judged: stop_delay_p99_ms < 1000 (too few samples)",
        "  ✓ met: stop_delay_p95_ms < 1000 (30.8)",
        "  310 × refused: 503",
    ):
        assert line in told.split("\n")
    assert re.search(r"Resume delay +840 ms +2\.35 s +4\.62 s", told)


def test_void_comes_first() -> None:
    told = summary(load_runs.void())
    assert told.startswith("VOID: the event loop was late by 412 ms")
    assert "✓" not in told


def test_storms_are_told() -> None:
    assert "99 % of them never had everything again" in summary(load_runs.stormy(), 200)


def test_intervals_where_there_is_room_hooks_and_how_it_ended() -> None:
    run = replace(load_runs.deployed(), partial="stopped")
    assert re.search(r"Resume delay +14 ms \(12\.6–15\.4\) +39\.2 ms \(35\.3–43\.1\)", summary(run, 100))
    assert "(12.6" not in summary(run, 80)
    assert "? acme-chat: interrupted" in summary(run, 100)
    assert "At 12 s: the deploy hook: it returned after 3.2 s with exit code 0." in summary(run, 100)


def test_colors_only_when_asked_for_and_they_change_no_text() -> None:
    plain, colored = summary(load_runs.lossy()), summary(load_runs.lossy(), color=True)
    assert not ANSI.search(plain)
    assert ANSI.sub("", colored) == plain
    assert colored != plain


@settings(max_examples=25)
@given(st.integers(0, 200))
def test_no_line_is_wider_than_the_console(width: int) -> None:
    for result in (load_runs.lossy(), load_runs.void(), load_runs.stormy()):
        assert max(map(columns, summary(result, width).split("\n"))) <= max(width, 40)


@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_hostile_result_cannot_steer_the_terminal(width: int) -> None:
    told = summary(load_runs.hostile(), width)
    told.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told)
    assert max(map(columns, told.split("\n"))) <= width
