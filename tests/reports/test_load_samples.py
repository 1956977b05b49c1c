from __future__ import annotations

from dataclasses import replace

from reports.load_samples import LINES, MOST, left_out, samples

from . import load_runs


def test_the_last_lines_of_a_device() -> None:
    first, *_ = samples(load_runs.lossy())
    assert first.title == "At 0:31: word 33 of run 4"
    assert first.where == "device 812, session load-7-406"
    assert len(first.lane) == LINES
    assert first.lane[-1] == '{"type":"text","id":"e1:40","run":"r-4","text":"tok-0040 "}'
    assert first.before == "27 earlier lines in the JSON result"


def test_only_the_first_devices() -> None:
    assert len(samples(load_runs.long())) == MOST
    assert left_out(load_runs.long()) == 20 - MOST
    assert left_out(load_runs.held()) == 0


def test_samples_of_another_shape_are_shown_as_far_as_they_go() -> None:
    (found,) = samples(replace(load_runs.held(), samples=({"seen": 7, "at_s": "soon"},)))
    assert found.lane == ()
    assert found.title == "a fault"


def test_long_lines_are_cut_and_hidden_characters_spelled_out() -> None:
    evil = {"fault": "x", "seen": ["y" * 10_000, "bell\x07 \u202e"]}
    (found,) = samples(replace(load_runs.held(), samples=(evil,)))
    assert len(found.lane[0]) == 180
    assert found.lane[1] == "bell⟨U+0007⟩ ⟨U+202E⟩"
