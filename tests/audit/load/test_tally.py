from __future__ import annotations

import json

from audit.load.figures import Histogram
from audit.load.tally import KINDS, Tally


def test_a_window_holds_what_grew_in_it() -> None:
    tally = Tally()
    tally.counts.words, tally.resumes, tally.devices = 10, 2, 4
    tally.delays["item_delay"].extend((0.001, 0.002))
    tally.turn(0.0)
    tally.counts.words, tally.counts.lost = 25, 1
    tally.turn(10.0)
    first, second = tally.windows
    assert (first["words"], first["resumes"], first["lost"], first["devices"]) == (10, 2, 0, 4)
    assert (second["words"], second["resumes"], second["lost"]) == (15, 0, 1)
    assert Histogram.load(first["measures"]["item_delay"]).count == 2
    assert second["measures"] == {}
    json.dumps(tally.windows)


def test_what_is_taken_is_taken_once_and_stays_in_its_window() -> None:
    tally = Tally()
    tally.delays["resume_delay"].append(1.0)
    (taken,) = tally.take().values()
    assert Histogram.load(taken).largest == 1_000.0
    assert tally.take() == {}
    tally.delays["resume_delay"].append(2.0)
    assert Histogram.load(tally.take()["resume_delay"]).count == 1
    tally.turn(0.0)
    assert Histogram.load(tally.windows[0]["measures"]["resume_delay"]).count == 2


def test_folding_gives_what_is_fresh_and_keeps_the_lists() -> None:
    tally = Tally()
    held, ignored = tally.delays["item_delay"], tally.ignored["item_delay"]
    held.append(0.5)
    ignored.append(0.5)
    assert tally.fold()["item_delay"].count == 1
    assert tally.fold() == {}
    assert not held
    assert not ignored
    assert tally.delays["item_delay"] is held


def test_errors_are_told_apart_but_not_without_bound() -> None:
    tally = Tally()
    for number in range(KINDS + 20):
        tally.error(f"kind {number}")
    tally.error("kind 3")
    assert len(tally.errors) == KINDS + 1
    assert (tally.errors["kind 3"], tally.errors["other"]) == (2, 20)
    tally = Tally()
    for _ in range(2):
        tally.error("x" * 500)
    assert list(tally.errors.values()) == [2]


def test_every_kind_of_item_is_an_event() -> None:
    tally = Tally()
    tally.counts.words, tally.counts.repeated, tally.counts.foreign, tally.counts.replayed, tally.others = 5, 1, 2, 3, 4
    assert tally.totals()["events"] == 15
