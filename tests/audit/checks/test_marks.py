from __future__ import annotations

from audit.checks.marks import marks

from .story import Story


def test_marks_are_found_by_name_in_order() -> None:
    story = Story("phone")
    first = story.note("stage", "mark", name="arm", arm="drop")
    story.note("stage", "mark", name="absent")
    story.note("phone", "mark", name="arm")
    second = story.note("stage", "mark", name="arm", arm="stop")
    assert [mark.index for mark in marks(story.history(), "arm")] == [first, second]
    assert marks(story.history(), "other") == ()
