from __future__ import annotations

from audit.result import Diagnosis
from audit.situation import declared_agents, situation

from .making import judgment


def test_what_is_declared_and_what_broke() -> None:
    target = {
        "protocol": "json-socket",
        "architecture": {"streaming": None, "agents": "multi", "surfaces": ["mobile"], "needs": ["continuity"]},
    }
    found = situation(
        target,
        {"resumes": True},
        [judgment("loss", "gap"), judgment("loss", "pass", "dead-air"), judgment("order", "pass")],
        [Diagnosis("sticky-session", "", "", "", "", ("loss@network-drop",), ())],
    )
    assert (found.streaming, found.agents, found.surfaces, found.needs) == (
        "websocket",
        "multi",
        ("mobile",),
        ("continuity",),
    )
    assert found.broken == {"loss": ("loss@network-drop",)}
    assert found.held == {"order"}
    assert found.gaps(("join", "loss")) == ("loss@network-drop",)
    assert found.stacked == ()
    assert declared_agents(target) == "multi"


def test_a_gap_that_something_explains_beside_one_that_nothing_does() -> None:
    proof = Diagnosis("orchestrator-dual-purpose", "", "", "", "", ("buffering@network-drop",), ())
    found = situation({}, {}, [judgment("buffering", "gap"), judgment("buffering", "gap", "device-join")], [proof])
    assert found.relayed == ("buffering@network-drop",)
    assert found.stacked == ("buffering",)


def test_a_target_that_says_nothing() -> None:
    found = situation({"architecture": None, "options": []}, {}, (), ())
    assert (found.streaming, found.agents, found.surfaces, found.socket) == ("sse", "single", ("web-tab",), False)
    assert declared_agents({}) == ""
    assert situation({"protocol": "session"}, {}, (), ()).socket
    assert not situation({"protocol": "session", "options": {"transport": "sse"}}, {}, (), ()).socket
