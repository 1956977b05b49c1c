"""A server that is not ours is audited, and its own side channel confirms what the audit says of it.

docs/field-notes.md tells what was found, and how to do it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.campaign import Order, audit, judge_again
from audit.result import AuditResult
from scenarios import SCENARIOS

from .servers import NotInstalled, ai_sdk, target_of
from .side_channel import Run, Told, ask, compared

pytestmark = [pytest.mark.third_party, pytest.mark.sockets]

TELLING = ("network-drop", "long-absence", "device-join", "midstream-stop", "stop-elsewhere", "abandoned-run")
ORDER = Order(tuple(each for each in SCENARIOS if each.id in TELLING), "quick", seed=7, jobs=24)
WORDS, PACE_MS = 80, 8
IN_FLIGHT = 3  # words that the model may make while the news of a closed connection or a stop is on its way
BUFFERED = 24  # … and that fit between a model and a stream which nobody reads, before it stands still

NO_WAY_IN = {"join@device-join", "discovery@device-join", "live-view@device-join"}
NO_STOP = {
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
        frozenset({*DIES, *NO_WAY_IN, *NO_STOP, "completion-window@long-absence"}),
        frozenset({"single-connection-trap", "resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case(
        "plain",
        "continue",
        ("finished", WORDS),
        ("finished", WORDS),
        frozenset({*NO_WAY_IN, *NO_STOP, "loss@network-drop", "stop@midstream-stop"}),
        frozenset({"trapped-user", "private-stream"}),
    ),
    Case(
        "abort",
        "cancel",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset({*NO_WAY_IN, *NO_STOP}),
        frozenset({"resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case(
        "abort",
        "continue",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset({*DIES, *NO_WAY_IN, *NO_STOP, "completion-window@long-absence"}),
        frozenset({"single-connection-trap", "resume-cancel-conflict", "trapped-user", "private-stream"}),
    ),
    Case("resumable", "continue", ("finished", WORDS), ("aborted", IN_FLIGHT), frozenset(), frozenset()),
    Case(
        "resumable-abort",
        "continue",
        ("aborted", IN_FLIGHT),
        ("aborted", IN_FLIGHT),
        frozenset({*DIES, *NO_STOP}),
        frozenset({"resume-cancel-conflict", "trapped-user"}),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.variant}-declared-{case.declares}")
async def test_the_verdicts_are_what_really_happened(case: Case, tmp_path: Path) -> None:
    async with ai_sdk(case.variant, WORDS, PACE_MS) as url:
        target = target_of(case.variant, url, case.declares)
        store = await audit(target, ORDER, tmp_path, ["test"], f"{case.variant}.toml", lambda step: None)
        told = await ask(store.path, url)
    result = judge_again(store.path, SCENARIOS)
    assert {f"{each.rule}@{each.scenario}" for each in result.findings if each.verdict == "gap"} == case.gaps
    assert {each.id for each in result.diagnoses} == case.diagnoses
    _confirm_drops(case, result, _first(told, "network-drop", "long-absence"))
    _confirm_stops(case, result, _first(told, "midstream-stop"))
    agreed = dict(compared(told))
    assert len(agreed) >= 10
    assert [name for name, agrees in agreed.items() if not agrees] == []


def _first(told: list[Told], *scenarios: str) -> list[Run]:
    return [each.runs[0] for each in told if each.trial.scenario in scenarios]


def _confirm_drops(case: Case, result: AuditResult, runs: list[Run]) -> None:
    """Words made after a disconnect, the state after it, and that `survival` says the same of the contract."""
    answer, more = case.after_drop
    cut = [(run, run.at_disconnect) for run in runs if run.at_disconnect and run.at_disconnect < WORDS - BUFFERED]
    assert len(cut) >= 2
    assert {run.answer for run, _ in cut} == {answer}
    assert all(run.produced - before <= more for run, before in cut)
    went_on = all(run.produced == WORDS for run, _ in cut)
    assert went_on == (answer == "finished")
    assert _verdicts(result, "survival") == {"pass" if went_on == (case.declares == "continue") else "gap"}


def _confirm_stops(case: Case, result: AuditResult, runs: list[Run]) -> None:
    """Words made after a stop (a command, or hanging up), the state after it, and that `stop` says the same."""
    answer, more = case.after_stop
    pressed = [run.at_stop if case.variant == "resumable" else run.at_disconnect for run in runs]
    assert len(runs) == 3
    assert {run.answer for run in runs} == {answer}
    assert all(before and run.produced - before <= more for run, before in zip(runs, pressed, strict=True))
    assert _verdicts(result, "stop") == {"gap" if answer == "finished" else "pass"}


def _verdicts(result: AuditResult, rule: str) -> set[str]:
    return {str(each.verdict) for each in result.findings if each.rule == rule}


@pytest.mark.parametrize("variant", ["plain", "resumable"])
async def test_what_is_missing_is_a_failure_that_says_what_to_do(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # neither node nor redis-server
    with pytest.raises(NotInstalled, match="make setup"):
        async with ai_sdk(variant, WORDS, PACE_MS):
            pass
