from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.result import Excerpt
from reports.timeline import WIDTH, Timeline, timeline

from . import tapes


def drawn(excerpt: Excerpt, device: str | None = None) -> Timeline:
    found = timeline(excerpt, device)
    assert found is not None
    return found


def shapes(found: Timeline, lane: str) -> Counter[str]:
    (line,) = (each.line for each in found.lanes if each.name == lane)
    return Counter(glyph.shape for glyph in found.glyphs if glyph.y == line)


def test_one_lane_a_device_in_the_order_of_the_excerpt() -> None:
    found = drawn(tapes.lost(), "phone")
    assert [(lane.name, lane.judged) for lane in found.lanes] == [("phone", True), ("laptop", False)]
    assert found.lanes[0].line < found.lanes[1].line < found.axis < found.height


def test_an_item_missing_on_one_device_is_a_hole_there_and_a_tick_where_it_came() -> None:
    found = drawn(tapes.lost(), "phone")
    assert shapes(found, "phone")["missing"] == 7
    assert shapes(found, "laptop")["text"] == 12
    assert shapes(found, "laptop")["missing"] == 0
    holes = {glyph.x for glyph in found.glyphs if glyph.shape == "missing"}
    assert holes <= {glyph.x for glyph in found.glyphs if glyph.shape == "text"}


def test_a_series_is_labeled_once_with_its_number_and_ends() -> None:
    told = [label.text for label in drawn(tapes.lost(), "phone").labels if label.tone == "missing"]
    assert told == ["7 missing: tok-0006 … tok-0012"]


def test_what_did_arrive_on_the_judged_device_is_not_drawn_as_missing() -> None:
    found = drawn(tapes.sparse(), "phone")
    last = [glyph for glyph in found.glyphs if "tok-0030" in glyph.tip and glyph.y == found.lanes[0].line]
    assert [(glyph.shape, glyph.proof) for glyph in last] == [("text", True)]


@pytest.mark.parametrize(
    ("excerpt", "device", "shape", "number", "told"),
    [
        (tapes.repeated(), "phone", "repeated", 4, "4 repeated: tok-0003 … tok-0006"),
        (tapes.reordered(), "phone", "reordered", 3, "3 out of order: tok-0004 …"),
        (tapes.ignored_stop(), "phone", "late", 7, "7 late: tok-0005 … tok-0011"),
    ],
)
def test_each_mark_has_its_own_shape_tone_and_words(
    excerpt: Excerpt, device: str, shape: str, number: int, told: str
) -> None:
    found = drawn(excerpt, device)
    assert shapes(found, device)[shape] == number
    assert next(label.text for label in found.labels if label.tone == shape).startswith(told)
    assert shape in dict(found.legend)


def test_faults_flags_and_ends_are_labeled() -> None:
    told = {label.text for label in drawn(tapes.lost(), "phone").labels}
    assert {"fault: reset", "prompt run-1 ✓", "resume ✓ nothing", "end: completed", "closed: rst"} <= told


def test_offline_and_frozen_stretches_are_shaded_and_named() -> None:
    offline, frozen = drawn(tapes.lost(), "phone"), drawn(tapes.frozen(), "tab")
    assert [span.kind for span in offline.spans] == ["offline"]
    assert [span.kind for span in frozen.spans] == ["frozen"]
    assert "offline" in {label.text for label in offline.labels}


def test_moments_of_the_script_go_through_all_lanes() -> None:
    assert [guide.text for guide in drawn(tapes.sparse()).guides] == ["fault point", "settled: deadline"]


def test_no_room_is_kept_for_moments_that_there_are_none_of() -> None:
    assert drawn(tapes.repeated()).lanes[0].top < drawn(tapes.lost()).lanes[0].top


def test_the_table_tells_every_event_and_its_mark() -> None:
    excerpt = tapes.lost()
    found = drawn(excerpt, "phone")
    assert len(found.table) == len(excerpt.events)
    assert Counter(entry.mark for entry in found.table)["missing"] == 7


def test_the_summary_says_it_without_a_picture() -> None:
    told = drawn(tapes.lost(), "phone").summary
    assert "2 lanes (phone, laptop)" in told
    assert "7 missing" in told
    assert "1 fault" in told


def test_the_legend_names_exactly_the_shapes_in_the_picture() -> None:
    found = drawn(tapes.frozen(), "tab")
    assert {shape for shape, _ in found.legend} == {glyph.shape for glyph in found.glyphs} - {"dot"}


def test_evidence_is_in_the_legend_where_it_is_marked() -> None:
    assert "proof" in dict(drawn(tapes.lost(), "phone").legend)
    assert "proof" not in dict(drawn(tapes.repeated(), "phone").legend)


def test_nothing_to_draw_draws_nothing() -> None:
    assert timeline(Excerpt()) is None
    assert timeline(Excerpt(devices={"phone": "phone"})) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
EVENTS = st.fixed_dictionaries(
    {
        "i": st.integers(0, 60) | JSON,
        "t": st.integers(0, 10**12) | JSON,
        "who": st.sampled_from(["phone", "tab", "link:phone", "stage", "?"]) | JSON,
        "phase": st.sampled_from(["invoke", "ok", "fail", "info", "seen", "note"]) | JSON,
        "what": st.sampled_from(["text", "end", "fault", "offline", "thaw", "prompt", "closed", "mark", "read"]) | JSON,
    },
    optional={
        "op": st.integers(0, 60),
        "value": st.dictionaries(st.sampled_from(["text", "state", "reason", "messages", "label"]), JSON) | JSON,
    },
)


@given(
    st.lists(EVENTS, max_size=40),
    st.dictionaries(
        st.integers(0, 60).map(str), st.sampled_from(["missing", "repeated", "late", "fault", "evidence", "?"])
    ),
    st.sampled_from([None, "phone", "tab", "nobody"]),
)
def test_any_excerpt_can_be_drawn_inside_its_frame(
    events: list[dict[str, Any]], marks: dict[str, str], device: str | None
) -> None:
    found = timeline(Excerpt(tuple(events), marks, {"phone": "phone", "tab": "tab"}), device)
    if found is not None:
        assert all(0 <= glyph.x <= WIDTH and 0 <= glyph.y <= found.height for glyph in found.glyphs)
        assert all(0 <= label.x <= WIDTH and 0 <= label.y <= found.height for label in found.labels)
        assert all(span.width >= 0 and span.x + span.width <= WIDTH for span in found.spans)
        assert len(found.table) == len(events)
