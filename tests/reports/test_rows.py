from __future__ import annotations

from typing import Any

import pytest

from audit.result import Excerpt
from reports.rows import describe, flag, rows


def one(**event: Any) -> Any:
    return rows(Excerpt(events=({"i": 1, "t": 5, "who": "phone", **event},)))[0]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"phase": "seen", "what": "text", "value": {"text": "tok-1 ", "cursor": "e:1"}}, "“tok-1”, cursor e:1"),
        ({"phase": "seen", "what": "end", "value": {"run": "r1", "reason": "stopped"}}, "end of r1: stopped"),
        ({"phase": "seen", "what": "closed", "value": {"conn": 2, "how": "rst"}}, "connection 2 reset (RST)"),
        ({"phase": "seen", "what": "snapshot", "value": {"text": "x" * 1200}}, "1,200 characters"),
        ({"phase": "seen", "what": "gap", "value": {"reason": "expired"}}, "gap, reason expired"),
        ({"phase": "invoke", "what": "stop", "value": {"label": "run-1"}}, "asks: stop, label run-1"),
        ({"phase": "fail", "what": "resume", "value": {"unsupported": True, "error": "no"}}, "error no, unsupported"),
        ({"phase": "info", "what": "prompt", "value": {}}, "unknown whether done: prompt"),
        ({"phase": "ok", "what": "read", "value": {"messages": [1, 2]}}, "done: read, 2 messages"),
        ({"phase": "note", "what": "fault", "value": {"fault": "reset", "state": "struck"}}, "fault reset struck"),
        ({"phase": "note", "what": "mark", "value": {"name": "arm", "arm": "drop"}}, "mark arm, arm drop"),
        ({"phase": "note", "what": "device", "value": {"kind": "tab"}}, "takes part, tab"),
        ({"phase": "note", "what": "something-new", "value": {"a": 1}}, "something-new, a 1"),
    ],
)
def test_events_in_words(event: dict[str, Any], told: str) -> None:
    assert told in describe(one(**event))


def test_a_fault_is_shown_with_its_device() -> None:
    assert (
        rows(Excerpt(events=({"i": 0, "t": 0, "who": "link:phone", "phase": "note", "what": "fault"},)))[0].lane
        == "phone"
    )


def test_rows_that_lack_keys_read_as_empty() -> None:
    bare = rows(Excerpt(events=({}, {"i": "x", "t": -4, "value": "no", "op": "y"})))
    assert [(row.index, row.t_ns, row.value, row.op) for row in bare] == [(0, 0, {}, None)] * 2
    assert [describe(row) for row in bare] == ["", ""]


def test_flags_tell_the_outcome() -> None:
    ask = one(phase="invoke", what="resume", value={"label": "run-1"})
    assert flag(ask, None) == "resume run-1 …"
    assert flag(ask, one(phase="ok", what="resume", value={"nothing": True})) == "resume run-1 ✓ nothing"
    assert flag(ask, one(phase="fail", what="resume", value={"status": 404})) == "resume run-1 ✗ 404"
    assert flag(ask, one(phase="fail", what="resume", value={"unsupported": True})) == "resume run-1 ✗ unsupported"
    assert flag(ask, one(phase="info", what="resume")) == "resume run-1 ?"
