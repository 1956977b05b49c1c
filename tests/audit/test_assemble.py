from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audit.assemble import assemble
from audit.checks.base import Rule
from audit.checks.oracle import strikes
from audit.contract import RESILIENT_DELIVERY
from audit.event import Phase
from audit.finding import Finding, Verdict
from audit.history import History, dump_history
from audit.result import AuditResult, Untested
from audit.result_file import dump_result, parse_result
from audit.run import RunMeta, Trial
from audit.store import RunStore, load_run

from .checks.story import Story, dropped
from .making import rule, run_meta


def judge_struck(history: History) -> Iterator[Finding]:
    """A gap wherever a fault struck after the third word."""
    for strike in strikes(history):
        yield Finding("loss", Verdict.GAP, "phone lost a word", "phone", (strike.index,), 1.0, "words")


LOSS = replace(rule("loss"), judge=judge_struck)
ORDER = rule("order", Finding("order", Verdict.PASS, "in order"), severity="high")
RULES = (LOSS, ORDER, rule("hang"))


@dataclass(frozen=True)
class Scene:
    id: str
    title: str = "A phone loses signal"
    why: str = "It happens."
    capability: str = RESILIENT_DELIVERY
    checks: tuple[Rule, ...] = (ORDER, LOSS)


def trial(number: int, history: History | None = None, scenario: str = "network-drop") -> Trial:
    found = history or dropped(scenario=scenario, trial=number, twin=number == 0).history()
    return Trial(scenario, number, f"{scenario}-{number}.jsonl", f"hash-{number}", found)


def twin(*, answered: bool = True) -> Trial:
    story = Story("phone", scenario="network-drop", trial=0, twin=True)
    if answered:
        story.prompts("phone")
        story.says(range(1, 4), "phone")
    else:
        story.does("phone", "prompt", Phase.FAIL, {"error": "quota exceeded"}, text="x", key="k", label="run-1")
    return trial(0, story.history())


def result(
    trials: Sequence[Trial], run: RunMeta | None = None, scenes: Sequence[Scene] = (Scene("network-drop"),)
) -> AuditResult:
    return assemble(run or run_meta(), trials, scenes, RULES, created="now", tool="0.1.0", ruleset="2026.11")


def test_a_run_becomes_a_result() -> None:
    found = result([twin(), trial(1), trial(2)])
    assert [(each.rule, each.verdict, each.gaps, each.trials) for each in found.findings] == [
        ("loss", Verdict.GAP, 2, 2),
        ("order", Verdict.PASS, 0, 2),
    ]
    assert found.grade == found.verdict.letter == "E"
    assert found.scores[RESILIENT_DELIVERY].score == round(100 * 7.5 / 17.5, 1)
    assert [each.id for each in found.diagnoses] == []
    assert [(each.file, each.twin, each.sha256, each.note) for each in found.runs] == [
        ("network-drop-0.jsonl", True, "hash-0", ""),
        ("network-drop-1.jsonl", False, "hash-1", ""),
        ("network-drop-2.jsonl", False, "hash-2", ""),
    ]
    assert (found.created, found.tool, found.ruleset, found.seed) == ("now", "0.1.0", "2026.11", 7)
    assert found.partial == ""


def test_the_words_of_what_was_judged_come_along() -> None:
    found = result([twin(), trial(1), trial(2)])
    assert list(found.rules) == ["loss", "order"]
    assert found.rules["loss"].remedy == LOSS.remedy
    assert found.scenarios["network-drop"].title == "A phone loses signal"


def test_the_twin_is_not_judged() -> None:
    (loss, _) = result([trial(0), trial(1)]).findings
    assert (loss.gaps, loss.trials) == (1, 1)


def test_a_failed_twin_makes_its_scenario_inconclusive_and_no_other() -> None:
    run = run_meta(plan={"network-drop": (0, 1), "device-join": (0, 1)})
    trials = [
        twin(answered=False),
        trial(1),
        Trial("device-join", 0, "device-join-0.jsonl", "h", twin().history),
        trial(1, scenario="device-join"),
    ]
    found = result(trials, run, (Scene("network-drop"), Scene("device-join")))
    loss = {each.scenario: each for each in found.findings if each.rule == "loss"}
    assert loss["network-drop"].verdict is Verdict.INCONCLUSIVE
    assert loss["network-drop"].why == "In the fault-free twin no prompt was accepted (quota exceeded)."
    assert loss["device-join"].verdict is Verdict.GAP
    assert found.runs[0].note == loss["network-drop"].why


def test_an_interrupted_run_says_how_far_it_came() -> None:
    short = trial(1, replace(trial(1).history, whole=False))
    found = result([twin(), short])
    assert found.partial == "interrupted: 1 of 3 trials ran to their end"
    assert found.runs[1].note == "cut short: judged up to its end"
    assert found.findings[0].verdict is Verdict.INCONCLUSIVE


def test_nothing_ran() -> None:
    found = result([])
    assert (found.grade, found.findings, found.partial) == ("?", (), "interrupted: 0 of 3 trials ran to their end")


def test_what_was_not_tested_is_listed() -> None:
    run = run_meta(
        plan={"network-drop": (0, 1), "retired": (0, 1)},
        untested=(Untested("tab-freeze", "no browser here"),),
    )
    found = result([twin(), trial(1), trial(1, scenario="retired")], run)
    assert [each.what for each in found.untested] == ["tab-freeze", "retired"]
    assert list(found.scenarios) == ["network-drop"]


def test_a_diagnosis_reads_the_traits_of_the_histories() -> None:
    story = dropped(traits={"resumes": False, "stop": "hangup"}, trial=1, scenario="network-drop")
    found = result([trial(1, story.history())])
    assert [each.id for each in found.diagnoses] == ["single-connection-trap"]


def test_a_check_of_the_stored_run_gives_the_same_bytes(tmp_path: Path) -> None:
    store = RunStore.create(tmp_path, run_meta())
    for each in (twin(), trial(1), trial(2)):
        with store.open_history(f"{each.scenario}-{each.number}") as file:
            file.write(dump_history(each.history))
    scenes = (Scene("network-drop"),)

    def check(created: str) -> AuditResult:
        run = load_run(store.path)
        return assemble(run.meta, run.trials(), scenes, RULES, created=created, tool="0.1.0", ruleset="2026.11")

    first, second = check("today"), check("tomorrow")
    assert dump_result(first) == dump_result(replace(second, created="today"))
    assert dump_result(first) != dump_result(second)
    assert parse_result(dump_result(first)) == first


def test_what_a_team_can_do_comes_with_it() -> None:
    found = result([twin(), trial(1), trial(2)])
    assert found.traits == dict(trial(1).history.meta.get("traits", {}))
    assert [step.closes for step in found.plan] == [("loss@network-drop",)]
    assert [(each.key, each.standing) for each in found.claims if each.standing == "undeclared"] == [
        ("contract.concurrent_send", "undeclared"),
        ("contract.retention_s", "undeclared"),
    ]
    assert found.design is not None
    assert found.design.moves[0].checks == ("loss@network-drop",)
    assert {each.stack for each in found.advice} == {"Plain SSE"}
