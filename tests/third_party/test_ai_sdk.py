"""A server that is not ours is audited, and its own side channel confirms what the audit says of it.

docs/field-notes.md tells what was found, and how to do it by hand.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from audit.campaign import Order, audit, judge_again
from audit.result import AuditResult
from audit.store import load_run
from audit.target import load_target
from scenarios import SCENARIOS

from .servers import AI_SDK, NotInstalled, ai_sdk

pytestmark = [pytest.mark.third_party, pytest.mark.sockets]

TELLING = ("network-drop", "long-absence", "device-join", "midstream-stop", "stop-elsewhere", "abandoned-run")
ORDER = Order(tuple(each for each in SCENARIOS if each.id in TELLING), "quick", seed=7, jobs=24)
WORDS, PACE_MS = 80, 8
IN_FLIGHT = 3  # words that the model may make while the news of a closed connection or a stop is on its way
BUFFERED = 24  # … and that fit between a model and a stream which nobody reads, before it stands still

NO_WAY_IN = {
    *("join@device-join", "discovery@device-join", "live-view@device-join"),
    *("stop-reach@stop-elsewhere", "stop-visibility@midstream-stop", "stop-visibility@stop-elsewhere"),
    "stop-vs-disconnect@abandoned-run",
}
DIES = {"survival@network-drop", "survival@long-absence", "survival@abandoned-run"}


@dataclass(frozen=True)
class Case:
    """A variant as its author would declare it. after_drop, after_stop: what the side channel must say of the answer,
    and how many words the model may still make. gaps: all that the audit must find, and nothing else."""

    variant: str
    declares: str
    after_drop: tuple[str, int]
    after_stop: tuple[str, int]
    gaps: frozenset[str]
    diagnoses: frozenset[str]


CASES = (
    Case(
        "plain-noconsume",
        "continue",
        ("cancelled", BUFFERED),
        ("cancelled", BUFFERED),
        frozenset({*DIES, *NO_WAY_IN, "completion-window@long-absence"}),
        frozenset({"single-connection-trap", "resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case(
        "plain",
        "continue",
        ("finished", WORDS),
        ("finished", WORDS),
        frozenset({*NO_WAY_IN, "loss@network-drop", "stop@midstream-stop"}),
        frozenset({"trapped-user", "private-stream"}),
    ),
    Case(
        "abort",
        "cancel",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset(NO_WAY_IN),
        frozenset({"resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case(
        "abort",
        "continue",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset({*DIES, *NO_WAY_IN, "completion-window@long-absence"}),
        frozenset({"single-connection-trap", "resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case("resumable", "continue", ("finished", WORDS), ("aborted", IN_FLIGHT), frozenset(), frozenset()),
    Case(
        "resumable-abort",
        "continue",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset({*DIES, *NO_WAY_IN} - {"join@device-join", "discovery@device-join", "live-view@device-join"}),
        frozenset({"resume-cancel-conflict", "trapped-user"}),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.variant}-declared-{case.declares}")
async def test_the_verdicts_are_what_really_happened(case: Case, tmp_path: Path) -> None:
    async with ai_sdk(case.variant, WORDS, PACE_MS) as url:
        text = (AI_SDK / f"{case.variant}.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8788", url)
        text = text.replace('disconnect = "cancel"', f'disconnect = "{case.declares}"')
        store = await audit(load_target(text, {}), ORDER, tmp_path, ["test"], f"{case.variant}.toml", lambda step: None)
        result = judge_again(store.path, SCENARIOS)
        dropped = [run for each in ("network-drop", "long-absence") for run in await _runs(store.path, each, url)]
        stopped = await _runs(store.path, "midstream-stop", url)
    assert {f"{each.rule}@{each.scenario}" for each in result.findings if each.verdict == "gap"} == case.gaps
    assert {each.id for each in result.diagnoses} == case.diagnoses
    _confirm_drops(case, result, [run for run in dropped if (run["atDisconnect"] or WORDS) < WORDS - BUFFERED])
    _confirm_stops(case, result, stopped)


def _confirm_drops(case: Case, result: AuditResult, runs: list[Any]) -> None:
    """Words made after a disconnect, the state after it, and that `survival` says the same of the contract."""
    answer, more = case.after_drop
    assert len(runs) >= 2
    assert {run["answer"] for run in runs} == {answer}
    assert all(run["produced"] - run["atDisconnect"] <= more for run in runs)
    went_on = all(run["produced"] == WORDS for run in runs)
    assert went_on == (answer == "finished")
    kept = went_on == (case.declares == "continue")
    assert _verdicts(result, "survival") == {"pass" if kept else "gap"}


def _confirm_stops(case: Case, result: AuditResult, runs: list[Any]) -> None:
    """The state after a stop (a command, or hanging up), and that `stop` says the same."""
    answer, more = case.after_stop
    assert len(runs) == 3
    assert {run["answer"] for run in runs} == {answer}
    for run in runs:
        pressed = run["atStop"] if case.variant == "resumable" else run["atDisconnect"]
        assert run["produced"] - pressed <= more
    assert _verdicts(result, "stop") == {"gap" if answer == "finished" else "pass"}


def _verdicts(result: AuditResult, rule: str) -> set[str]:
    return {str(each.verdict) for each in result.findings if each.rule == rule}


async def _runs(path: Path, scenario: str, url: str) -> list[Any]:
    """What the server says of the first run of every disturbed trial of a scenario."""
    return [(await asyncio.to_thread(_ask, f"{url}/_oracle?id={chat}"))[0] for chat in _chats(path, scenario)]


def _chats(path: Path, scenario: str) -> Iterator[str]:
    for trial in load_run(path).trials():
        if trial.scenario == scenario and not trial.history.meta["twin"]:
            asked = next(trial.history.invocations("prompt"))[0].value
            yield str(asked["key"]).removesuffix(f"-{asked['label']}")


def _ask(url: str) -> Any:
    with urlopen(url, timeout=5) as response:
        return json.load(response)


@pytest.mark.parametrize("variant", ["plain", "resumable"])
async def test_what_is_missing_is_a_failure_that_says_what_to_do(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # neither node nor redis-server
    with pytest.raises(NotInstalled, match="make setup"):
        async with ai_sdk(variant, WORDS, PACE_MS):
            pass
