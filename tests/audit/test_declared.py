from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.advice import advice
from audit.declared import claims
from audit.migration import design
from audit.outlook import Claim
from audit.result import Judgment
from audit.situation import situation

from .making import judgment

TARGET: dict[str, Any] = {
    "protocol": "ai-sdk",
    "options": {},
    "architecture": {"streaming": None, "needs": [], "agents": "single", "surfaces": ["web-tab"]},
    "contract": {"stop_budget_ms": 1000},
}


def target(**changes: Any) -> dict[str, Any]:
    """A target whose tables hold these keys more."""
    return {**TARGET, **{key: {**TARGET.get(key, {}), **table} for key, table in changes.items()}}


def found(key: str, *judgments: Judgment, traits: dict[str, Any] | None = None, **changes: Any) -> Claim:
    (claim,) = [each for each in claims(target(**changes), traits or {}, judgments) if each.key == key]
    return claim


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("disconnect", "continue", "survival"),
        ("disconnect", "cancel", "survival"),
        ("idempotency", "key", "resubmission"),
        ("concurrent_send", "queue", "concurrency"),
        ("retention_s", 60.0, "completion-window"),
        ("stop_budget_ms", 500, "control-delay"),
    ],
)
def test_a_promise_is_refuted_by_one_gap_kept_by_passes_and_open_otherwise(key: str, value: Any, rule: str) -> None:
    contract = {key: value}
    broken, held = judgment(rule, "gap"), judgment(rule, "pass", "dead-air")
    refuted = found(f"contract.{key}", held, broken, contract=contract)
    assert (refuted.standing, refuted.measured) == ("refuted", f"phone says {rule}")
    assert refuted.evidence == (f"{rule}@network-drop",)
    kept = found(f"contract.{key}", held, contract=contract)
    assert (kept.standing, kept.evidence) == ("kept", (f"{rule}@dead-air",))
    unproven = found(f"contract.{key}", judgment(rule, "inconclusive", why="no receipt"), contract=contract)
    assert (unproven.standing, unproven.measured) == ("unproven", "no receipt")
    untold = found(f"contract.{key}", contract=contract)
    assert (untold.standing, untold.evidence) == ("unproven", ())
    assert rule in untold.measured


def test_values_are_told_as_the_file_has_them() -> None:
    assert found("contract.retention_s", contract={"retention_s": 3600.0}).declared == "3600"
    assert (
        found("architecture.surfaces", architecture={"surfaces": ["web-tab", "mobile"]}).declared == "web-tab, mobile"
    )


@pytest.mark.parametrize("key", ["disconnect", "concurrent_send", "retention_s", "idempotency"])
def test_what_the_contract_does_not_say_is_listed(key: str) -> None:
    claim = found(f"contract.{key}", judgment("survival", "gap"))
    assert (claim.standing, claim.declared) == ("undeclared", "")


def test_no_key_is_no_promise_to_keep() -> None:
    told = claims(target(contract={"idempotency": "none"}), {}, [judgment("resubmission", "gap")])
    assert "contract.idempotency" not in [each.key for each in told]


def test_the_slowest_is_told_of_what_was_kept() -> None:
    stop = judgment("control-delay", "pass", unit="ms", value=20.0, spread=(10.0, 312.4))
    assert found("contract.stop_budget_ms", stop).measured.endswith("The slowest took 312 ms.")


@pytest.mark.parametrize(
    ("key", "traits", "rule"),
    [
        ("options: resume", {"resumes": True}, "early-resume"),
        ("options: stop", {"stop": "command"}, "stop-reach"),
        ("options: join", {"observable": True}, "discovery"),
        ("options: history", {"history": True}, "completion-window"),
        ("protocol: endings", {"endings": ["completed", "failed"]}, "termination"),
    ],
)
def test_what_the_options_claim_is_held_to_its_rules(key: str, traits: dict[str, Any], rule: str) -> None:
    assert found(key, judgment(rule, "gap"), traits=traits).standing == "refuted"
    assert found(key, judgment(rule, "pass"), traits=traits).standing == "kept"
    assert key not in [each.key for each in claims(TARGET, {"stop": "hangup"}, [judgment(rule, "gap")])]


@pytest.mark.parametrize(
    ("protocol", "options", "declared", "standing"),
    [
        ("ai-sdk", {}, "sse", "kept"),
        ("ai-sdk", {}, "websocket", "refuted"),
        ("json-socket", {}, "websocket", "kept"),
        ("json-socket", {}, "polling", "refuted"),
        ("session", {"transport": "sse"}, "sse", "kept"),
        ("session", {"transport": "sse"}, "websocket", "refuted"),
        ("session", {}, "websocket", "kept"),
        ("another", {}, "sse", "unproven"),
    ],
)
def test_how_it_streams_is_compared_with_what_was_spoken(
    protocol: str, options: dict[str, str], declared: str, standing: str
) -> None:
    told = {**target(architecture={"streaming": declared}), "protocol": protocol, "options": options}
    (claim,) = [each for each in claims(told, {}, ()) if each.key == "architecture.streaming"]
    assert claim.standing == standing


def test_a_stream_of_lumps_is_none() -> None:
    lumps = judgment("buffering", "gap", why="98% came at the end.")
    claim = found("architecture.streaming", lumps, architecture={"streaming": "sse"})
    assert (claim.standing, claim.evidence) == ("refuted", ("buffering@network-drop",))
    assert claim.measured == "Words did not stream. 98% came at the end."


def test_agents_that_the_protocol_cannot_tell_apart_stay_unproven() -> None:
    shape = {"agents": "orchestrator"}
    assert "which agent speaks" in found("architecture.agents", architecture=shape).measured
    heard = judgment("subagents", "pass")
    assert found("architecture.agents", heard, architecture=shape, traits={"agents": True}).standing == "kept"
    blackout = judgment("subagents", "gap")
    assert found("architecture.agents", blackout, architecture=shape).standing == "refuted"


def test_a_target_that_says_nothing_at_all() -> None:
    assert {each.standing for each in claims({}, {}, ())} == {"undeclared"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_TABLE = _JSON | st.dictionaries(
    st.sampled_from(["disconnect", "retention_s", "stop_budget_ms", "streaming", "agents", "surfaces", "path"]), _JSON
)
_TARGET = st.dictionaries(
    st.sampled_from(["protocol", "base_url", "options", "architecture", "contract"]), _TABLE | st.just("session")
)


@given(_TARGET, st.dictionaries(st.sampled_from(["stop", "resumes", "endings", "replay", "agents"]), _JSON))
def test_a_stored_target_may_hold_anything(target: dict[str, Any], traits: dict[str, Any]) -> None:
    found = (judgment("loss", "gap"), judgment("stop", "gap"), judgment("subagents", "gap"))
    assert all(claim.measured for claim in claims(target, traits, found))
    case = situation(target, traits, found, ())
    assert design(case, ()).moves
    assert all(each.rules for each in advice(target, case.stacked))
