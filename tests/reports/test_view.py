from __future__ import annotations

from dataclasses import replace

import pytest

from reports.view import page

from . import samples


def test_the_first_result_is_the_subject() -> None:
    found = page([samples.bad(), samples.reference()])
    assert found.subject.name == "acme-chat"
    assert [chapter.name for chapter in found.others] == ["reference"]


def test_two_audits_of_one_target_are_told_apart_by_their_date() -> None:
    found = page([samples.bad(), replace(samples.bad(), created="2026-12-24T18:00:00Z"), samples.reference()])
    assert found.names == ("acme-chat (2026-11-20T10:00:00Z)", "acme-chat (2026-12-24T18:00:00Z)", "reference")


def test_timelines_are_limited_over_all_results() -> None:
    found = page([samples.huge(), samples.bad()])
    drawn = [at.timeline for chapter in found.chapters for gap in chapter.gaps for at in gap.occurrences if at.timeline]
    assert len(drawn) == found.most_drawn == 60
    assert found.undrawn == 9


def test_a_report_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one result"):
        page([])
