from __future__ import annotations

import re
from dataclasses import replace

from reports.load_markdown import summary
from reports.markdown import MAX_BYTES

from . import load_runs
from .test_markdown import rows


def test_the_verdict_the_gates_and_the_delays() -> None:
    told = summary(load_runs.lossy())
    assert told.startswith("## ✗ Load on acme-chat: broken\n")
    assert "70 words lost, 6 words repeated" in told
    assert [" lost == 0 ", " 70 ", " ✗ failed "] in rows(told)
    assert [" Resume delay ", " 120,000 ", " 840 ", " 2,352 ", " 4,620 ", " 1,092 ", " 8,400 "] in rows(told)
    assert "310 × refused: 503" in told


def test_side_by_side() -> None:
    found = rows(summary(load_runs.lossy(), load_runs.reference(), load_runs.earlier()))
    assert ["  ", " this run ", " reference ", " earlier run "] in found
    assert [" Words lost ", " **✗ 70** ", " 0 ", " 0 "] in found
    assert any(row[0] == " Item delay, reference " and row[-1] == " 200× " for row in found)


def test_intervals_hooks_and_how_it_ended() -> None:
    told = summary(replace(load_runs.deployed(), partial="stopped", seconds=100.0))
    found = next(row for row in rows(told) if row[0] == " Resume delay ")
    assert found[2:4] == [" 14 (12.6–15.4) ", " 39.2 (35.3–43.1) "]
    assert "- At 12 s: the deploy hook: it returned" in told
    assert "Ended early (stopped), within the first 70 s of 100 s" in told


def test_void_first_and_no_gate_met() -> None:
    told = summary(load_runs.void())
    assert told.index("**VOID: the event loop") < told.index("5,000 devices")
    assert "✓" not in told


def test_storms_and_assurance() -> None:
    told = summary(load_runs.stormy())
    assert "At 20 s, 5,000 devices cut at once" in told
    assert "fewer than one resume in" in told


def test_hostile_text_draws_no_table_and_no_markup() -> None:
    told = summary(load_runs.hostile(), load_runs.hostile())
    assert len(told.encode()) <= MAX_BYTES
    assert "<" not in told
    assert not re.search(r"(?<!\\)[`\[\]]", told)
    assert not re.search(r"@\w|https?:/", told)
    assert {len(row) for row in rows(told)} == {3, 8}
