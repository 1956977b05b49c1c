from __future__ import annotations

from dataclasses import replace

from reports.gaps import Budget, gaps, places
from reports.sketch import counsel, sketch

from . import samples

BAD = samples.bad()


def test_both_pictures_and_the_way_between_them() -> None:
    found = sketch(BAD, places(gaps(BAD, "t1", Budget())), "t1")
    assert found is not None
    assert [(anchor, picture.title) for anchor, picture in found.diagrams] == [("t1p1", "Today"), ("t1p2", "Proposed")]
    assert all(link.anchor for going in found.moves for link in going.checks)
    assert found.moves[0].command.startswith("durable-audit run TARGET --scenario ")


def test_what_broke_nothing_has_one_picture_and_no_moves() -> None:
    found = sketch(samples.reference(), {}, "t1")
    assert found is not None
    assert (len(found.diagrams), found.moves) == (1, ())


def test_an_older_result_has_none() -> None:
    older = replace(BAD, design=None, advice=())
    assert sketch(older, {}, "t1") is None
    assert counsel(older) == ()


def test_advice_is_told_by_stack_with_its_sources() -> None:
    found = counsel(BAD)
    assert found[0].stack == "AI SDK"
    assert len({one.stack for one in found}) == len(found)
    assert all(sources for one in found for _, sources in one.advice)
