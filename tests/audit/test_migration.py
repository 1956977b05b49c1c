from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks import RULES
from audit.contract import Contract
from audit.diagnosis import diagnose
from audit.migration import design
from audit.outlook import Design, Drawing
from audit.result import Judgment
from audit.situation import situation
from audit.way_out import plan

from .making import judgment

PLAIN = {"subscribes": False, "resumes": False, "observable": False, "stop": "hangup"}
RESUMABLE = {"subscribes": False, "resumes": True, "observable": True, "stop": "command", "replay": "continue"}
CONTINUE = Contract(disconnect="continue")
REMEDIES = {rule.id: rule.remedy for rule in RULES}


def gap(rule: str, scenario: str = "network-drop", **changes: Any) -> Judgment:
    return judgment(rule, "gap", scenario, **changes)


def designed(*found: Judgment, traits: dict[str, Any] = RESUMABLE, protocol: str = "ai-sdk", **shape: Any) -> Design:
    target = {"protocol": protocol, "architecture": shape}
    diagnoses = diagnose(found, traits, CONTINUE, str(shape.get("agents", "")))
    steps = plan(found, diagnoses, REMEDIES, CONTINUE)
    return design(situation(target, traits, found, diagnoses), steps)


def titles(found: Design) -> list[str]:
    return [move.title for move in found.moves]


def labels(drawing: Drawing | None) -> list[str]:
    assert drawing is not None
    return [node.label for node in drawing.nodes]


def test_what_keeps_its_promises_needs_no_other_design() -> None:
    found = designed(judgment("loss", "pass"), judgment("join", "inconclusive"))
    assert (found.proposed, found.moves, found.transport) == (None, (), "")
    assert found.today.says == "Nothing that crosses here was seen to break."


def test_every_rule_is_answered_by_some_move() -> None:
    for rule in RULES:
        checks = [name for move in designed(gap(rule.id)).moves for name in move.checks]
        assert f"{rule.id}@network-drop" in checks, rule.id


def test_every_move_says_what_it_gains_and_costs_and_how_to_go_back() -> None:
    for move in designed(*(gap(rule.id) for rule in RULES), traits=PLAIN).moves:
        assert all(text.endswith(".") for text in (move.does, move.gain, move.cost, move.back)), move.title
        assert move.checks


def test_a_setting_is_all_that_a_buffering_path_needs() -> None:
    found = designed(gap("buffering"), gap("live-view", "device-join"))
    assert titles(found) == ["Change a setting first"]
    assert "Session (a log)" not in labels(found.proposed)


def test_a_session_of_its_own_is_drawn_only_where_words_must_outlive_or_travel() -> None:
    assert "Session (a log)" in labels(designed(gap("loss")).proposed)
    assert "Session (a log)" in labels(designed(gap("join")).proposed)
    assert "Session (a log)" not in labels(designed(gap("stop-aim")).proposed)
    assert titles(designed(gap("stop-aim"))) == ["Make control a command"]


def test_doors_are_closed_before_anything_else_moves() -> None:
    assert titles(designed(gap("loss"), gap("isolation"))) == [
        "Close the doors first",
        "Record the session as a log",
        "Retire the old stream",
    ]


def test_what_a_relaying_orchestrator_explains_asks_for_agents_that_write_themselves() -> None:
    found = designed(gap("subagents", "subagent-fanout"), agents="orchestrator")
    assert titles(found) == ["Let every agent write for itself"]
    assert [edge.end for edge in found.today.edges if edge.start.startswith("sub-")] == ["agent-1", "agent-1"]
    assert found.proposed is not None
    assert [edge.end for edge in found.proposed.edges if edge.start.startswith("sub-")] == ["session", "session"]


@pytest.mark.parametrize(
    ("streaming", "rule", "says"),
    [
        ("sse", "loss", "Stay with server-sent events"),
        ("sse", "steer", "a WebSocket beside or instead of it"),
        ("websocket", "loss", "Keep the WebSocket"),
        ("polling", "loss", "Polling can stay"),
    ],
)
def test_no_transport_is_changed_for_its_own_sake(streaming: str, rule: str, says: str) -> None:
    assert says in designed(gap(rule), streaming=streaming).transport


def test_today_shows_what_is_missing_and_where_it_broke() -> None:
    found = designed(gap("loss"), gap("join"), gap("survival"), traits=PLAIN, protocol="chat-sse").today
    ways = {edge.what: edge for edge in found.edges}
    assert ways["after a drop: no way back"].kind == "missing"
    assert ways["after a drop: no way back"].broken == ("loss",)
    assert ways["cannot follow: the stream belongs to who asked"].broken == ("join",)
    assert ways["words, as long as the request lasts"].broken == ("survival",)


def test_surfaces_are_drawn_and_there_are_always_two_devices() -> None:
    assert labels(designed(gap("loss")).today)[:2] == ["Browser tab", "A second browser tab"]
    shown = labels(designed(gap("loss"), surfaces=["web-tab", "mobile", "background"]).today)
    assert shown[:3] == ["Browser tab", "Phone", "Notification"]
    assert labels(designed(gap("loss"), agents="multi").today)[-2:] == ["Agent 1", "Agent 2"]


def test_what_is_mended_is_broken_no_more() -> None:
    found = designed(gap("stop-aim"), gap("survival"), gap("resubmission"), traits={**PLAIN, "stop": "none"})
    assert found.proposed is not None
    assert all(not edge.broken and edge.kind != "missing" for edge in found.proposed.edges)


_RULE = st.sampled_from([rule.id for rule in RULES])
_SHAPE = st.fixed_dictionaries(
    {
        "streaming": st.sampled_from(["sse", "websocket", "polling", None, "odd"]),
        "agents": st.sampled_from(["single", "orchestrator", "multi", "odd"]),
        "surfaces": st.lists(st.sampled_from(["web-tab", "mobile", "background", "odd"])),
    }
)


@given(st.lists(_RULE, unique=True), _SHAPE, st.sampled_from([PLAIN, RESUMABLE, {}]))
def test_whatever_broke_every_move_is_asked_for_and_every_drawing_holds(
    rules: list[str], shape: dict[str, Any], traits: dict[str, Any]
) -> None:
    found = designed(*map(gap, rules), traits=traits, **shape)
    asked = {name.partition("@")[0] for move in found.moves for name in move.checks}
    assert asked == set(rules)
    for drawing in (found.today, found.proposed or found.today):
        ids = [node.id for node in drawing.nodes]
        assert len(ids) == len(set(ids))
        assert all({edge.start, edge.end} <= set(ids) and edge.start != edge.end for edge in drawing.edges)
    told = {rule for edge in found.today.edges for rule in edge.broken}
    assert told == set(rules)
