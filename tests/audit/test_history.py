from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import HistoryError
from audit.event import Event, Phase
from audit.history import END_LINE, FORMAT, History, dump_history, load_history

from .checks.story import Story, dropped

DROPPED = dropped().history()
LINES = dump_history(DROPPED).splitlines()


def complaint(lines: list[str]) -> str:
    with pytest.raises(HistoryError) as caught:
        load_history(lines, "x.jsonl")
    return str(caught.value)


def test_what_is_dumped_is_loaded() -> None:
    assert load_history(LINES) == DROPPED
    assert dump_history(load_history(LINES)).splitlines() == LINES


def test_operations_and_their_completions() -> None:
    story = Story("phone")
    story.joins("phone")
    story.does("phone", "prompt", None, text="count", key="k", label="run-1")
    (join, joined), (prompt, answered) = [*story.history().invocations("join"), *story.history().invocations("prompt")]
    assert joined is not None and joined.op == join.index
    assert (prompt.what, answered) == ("prompt", None)
    assert list(story.history().invocations("join", "laptop")) == []


def test_devices_in_order_of_appearance() -> None:
    assert DROPPED.devices == {"phone": "phone", "laptop": "laptop"}
    assert [event.what for event in DROPPED.of("stage")] == ["settled"]


@pytest.mark.parametrize("keep", range(1, len(LINES) - 1))
def test_a_history_without_its_end_is_judged_up_to_there(keep: int) -> None:
    short = load_history(LINES[:keep])
    assert (short.whole, len(short.events)) == (False, keep - 1)
    half = load_history([*LINES[:keep], LINES[keep][: len(LINES[keep]) // 2]])
    assert (half.whole, half.events) == (False, short.events)


def test_damage_in_the_middle_is_named_by_file_and_line() -> None:
    assert complaint([*LINES[:3], "{", *LINES[4:]]).startswith("x.jsonl: line 4 is not JSON")
    assert complaint([*LINES[:3], "[]", *LINES[4:]]) == "x.jsonl: line 4: an event must be a JSON object, not list"
    assert complaint([*LINES[:3], *LINES[4:]]).startswith("x.jsonl: event 2: has index 3")


def test_another_format_is_named() -> None:
    assert FORMAT in complaint(['{"format":"durable-audit/history/9","meta":{}}', END_LINE])
    assert complaint([]) == "x.jsonl: empty; a history starts with a line that names its format"
    assert "line 1" in complaint([END_LINE])


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            [Event(0, 5, "phone", Phase.INVOKE, "join", {}), Event(1, 4, "phone", Phase.OK, "join", {}, 0)],
            "time runs back",
        ),
        ([Event(0, 5, "phone", Phase.OK, "join", {}, 0)], "completes no open 'join' of 'phone'"),
        ([Event(0, 5, "phone", Phase.SEEN, "text", {}, 0)], "a 'seen' event cannot complete"),
        (
            [
                Event(0, 5, "phone", Phase.INVOKE, "join", {}),
                Event(1, 5, "phone", Phase.OK, "join", {}, 0),
                Event(2, 5, "phone", Phase.OK, "join", {}, 0),
            ],
            "completes no open",
        ),
        (
            [Event(0, 5, "phone", Phase.INVOKE, "join", {}), Event(1, 5, "tab", Phase.OK, "join", {}, 0)],
            "completes no open 'join' of 'tab'",
        ),
    ],
)
def test_what_cannot_have_happened(events: list[Event], said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        History({}, tuple(events))


# -- anything at all --------------------------------------------------------------------------------------------------

HEAD = json.dumps({"format": FORMAT, "meta": {}})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {
        "i": st.integers(0, 3) | VALUES,
        "t": st.integers(0, 3) | VALUES,
        "who": st.sampled_from(["phone", "stage"]) | VALUES,
        "phase": st.sampled_from([phase.value for phase in Phase]) | VALUES,
        "what": st.sampled_from(["join", "text"]) | VALUES,
    },
    optional={"op": st.integers(0, 3) | VALUES, "value": VALUES, "x": VALUES},
)


def loads_or_says_why(lines: list[str]) -> None:
    try:
        history = load_history(lines, "x.jsonl")
    except HistoryError as error:
        assert str(error).startswith("x.jsonl: ")
        assert error.exit_code == 70
    else:
        again = load_history(dump_history(history).splitlines())
        assert [event.index for event in again.events] == list(range(len(history.events)))


@given(st.lists(st.text()))
@settings(deadline=1_000)
def test_any_lines_are_a_history_or_a_named_error(lines: list[str]) -> None:
    loads_or_says_why(lines)
    loads_or_says_why([HEAD, *lines, END_LINE])


@given(st.lists(ROWS, max_size=5), st.booleans())
@settings(deadline=1_000)
def test_any_rows_are_a_history_or_a_named_error(rows: list[dict[str, Any]], whole: bool) -> None:
    loads_or_says_why([HEAD, *map(json.dumps, rows), *([END_LINE] if whole else [])])


@pytest.mark.parametrize("depth", [*range(880, 1_010, 10), 100_000])
def test_a_deep_line_is_a_named_error_wherever_the_stack_ends(depth: int) -> None:
    deep = '{"i":' + "[" * depth + "]" * depth + "}"
    assert "x.jsonl: line 2" in complaint([HEAD, deep, END_LINE])
