"""What a quick audit says of every built-in server: each rule by its worst scenario, to the last verdict.

The reference keeps every promise; each of the others breaks exactly those that its way of building breaks. A change in
this table is a change in what people are told. One is good but for a rule of its wire format (a stop that names only
the chat): what is wrong with `open-sessions` shows to nobody who plays a single user.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import builtin
from audit.campaign import Order
from audit.checks import RULES
from audit.contract import CAPABILITIES
from audit.finding import Verdict
from audit.result import AuditResult
from audit.scenario import Scenario
from audit.scoring import standings
from audit.subject import Subject
from scenarios import SCENARIOS

SEED = 7
JOBS = 24

SHORT = {
    "relay-orchestrator": ("network-drop", "device-join", "midstream-stop"),
    "producer-held-resume": ("network-drop", "burst-resume", "long-absence"),
    "sticky-nodes": ("network-drop", "device-join", "midstream-stop"),
    "buffered-path": ("network-drop", "device-join"),
}
"""The fewest scenarios that show what is wrong with a server; all the others are audited with every scenario."""

VARIES = {
    "cancel-on-disconnect": ("echo", "convergence", "continuity"),
    "relay-orchestrator": (
        *("discovery", "live-view", "stop", "independence", "loss", "duplication", "order", "text-integrity"),
        *("termination", "survival", "hang", "resume-delay", "cursor-integrity", "diagnoses", "grade", *CAPABILITIES),
    ),
}
"""What hangs on luck, and is never held to the table: which of two tabs is dropped first when both ask at once; whether
a device happens to come, or to be cut, while the orchestrator thinks."""

ALWAYS = {"relay-orchestrator": "orchestrator-dual-purpose"}
"""A diagnosis that is made all the same."""

PINNED = {
    "reference": """
        grade: A+
        scores: resilient-delivery 100.0 continuity 100.0 live-control 100.0
        pass: loss duplication order text-integrity termination survival hang resume-delay cursor-integrity
          cursor-honesty retention early-resume completion-window resubmission silence buffering backpressure
          failure-truth restart credential-expiry refused-reconnect join discovery live-view convergence echo
          independence handoff tab-freeze tab-close isolation subagents approval presence replay-cost stop
          stop-visibility stop-reach stop-aim stop-idempotence resurrection readiness concurrency steer authority
          control-delay finish-race stop-vs-disconnect
        gap: none
        inconclusive: none
        not_applicable: interrupt
        diagnoses: none
    """,
    "naive-sse": """
        grade: F
        scores: resilient-delivery 46.9 continuity 11.5 live-control 0.0
        pass: duplication order text-integrity termination buffering tab-freeze
        gap: loss survival early-resume completion-window resubmission join discovery live-view convergence echo
          handoff tab-close stop-visibility stop-reach stop-vs-disconnect
        inconclusive: silence stop readiness concurrency control-delay
        not_applicable: hang resume-delay cursor-integrity cursor-honesty retention failure-truth independence
          stop-aim stop-idempotence resurrection interrupt finish-race
        diagnoses: single-connection-trap resume-cancel-conflict trapped-user private-stream
    """,
    "cancel-on-disconnect": """
        grade: D
        scores: resilient-delivery 67.4 continuity 65.4 live-control 75.0
        pass: duplication order text-integrity termination hang resume-delay completion-window silence buffering
          backpressure join discovery live-view independence tab-freeze replay-cost stop stop-visibility stop-reach
          stop-idempotence resurrection readiness control-delay finish-race
        gap: loss survival resubmission failure-truth echo handoff tab-close stop-aim stop-vs-disconnect
        inconclusive: convergence concurrency
        not_applicable: cursor-integrity cursor-honesty retention early-resume presence interrupt
        diagnoses: resume-cancel-conflict
    """,
    "private-socket": """
        grade: E
        scores: resilient-delivery 46.9 continuity 11.5 live-control 71.4
        pass: duplication order text-integrity termination buffering tab-freeze stop stop-idempotence
          resurrection readiness control-delay finish-race
        gap: loss survival early-resume completion-window resubmission join discovery live-view convergence echo
          handoff tab-close stop-reach stop-aim
        inconclusive: silence stop-visibility concurrency stop-vs-disconnect
        not_applicable: hang resume-delay cursor-integrity cursor-honesty retention failure-truth independence
          interrupt
        diagnoses: single-connection-trap trapped-user private-stream
    """,
    "resumable-no-stop": """
        grade: D
        scores: resilient-delivery 100.0 continuity 33.3 live-control 21.4
        pass: loss duplication order text-integrity termination survival hang resume-delay cursor-integrity
          cursor-honesty early-resume completion-window buffering backpressure failure-truth independence tab-freeze
          tab-close replay-cost stop-idempotence finish-race
        gap: join discovery live-view convergence echo handoff stop stop-reach stop-vs-disconnect
        inconclusive: resubmission silence stop-visibility stop-aim resurrection readiness concurrency control-delay
        not_applicable: retention presence interrupt
        diagnoses: trapped-user private-stream
    """,
    "relay-orchestrator": """
        grade: F
        scores: resilient-delivery 0.0 continuity 0.0 live-control 50.0
        pass: stop-visibility resurrection
        gap: buffering join convergence echo stop control-delay
        inconclusive: none
        not_applicable: loss duplication order text-integrity termination survival hang resume-delay cursor-integrity
          discovery live-view independence
        diagnoses: orchestrator-dual-purpose
    """,
    "producer-held-resume": """
        grade: C
        scores: resilient-delivery 77.4 continuity 100.0 live-control None
        pass: duplication order text-integrity termination survival hang resume-delay buffering convergence
          independence
        gap: loss completion-window
        inconclusive: none
        not_applicable: cursor-integrity retention
        diagnoses: producer-held-resume interrupted-return
    """,
    "sticky-nodes": """
        grade: F
        scores: resilient-delivery 78.9 continuity 23.1 live-control 0.0
        pass: duplication order text-integrity hang buffering echo
        gap: loss join discovery live-view stop
        inconclusive: survival convergence stop-visibility resurrection control-delay
        not_applicable: termination resume-delay cursor-integrity independence
        diagnoses: sticky-session
    """,
    "buffered-path": """
        grade: B
        scores: resilient-delivery 92.9 continuity 85.0 live-control None
        pass: loss duplication order text-integrity termination survival hang resume-delay join discovery convergence
          echo independence
        gap: buffering live-view
        inconclusive: none
        not_applicable: cursor-integrity
        diagnoses: buffering-path
    """,
    "open-sessions": """
        grade: F
        scores: resilient-delivery 100.0 continuity 76.7 live-control 81.8
        pass: loss duplication order text-integrity termination survival hang resume-delay early-resume
          completion-window resubmission silence buffering backpressure join discovery live-view independence handoff
          tab-freeze tab-close replay-cost stop stop-visibility stop-reach stop-idempotence resurrection readiness
          concurrency control-delay finish-race stop-vs-disconnect
        gap: echo isolation stop-aim authority
        inconclusive: failure-truth convergence
        not_applicable: cursor-integrity cursor-honesty retention presence interrupt
        diagnoses: none
    """,
}


def pinned(name: str) -> dict[str, str]:
    """The block of a target as facts: rule → verdict, capability → score, and the grade and diagnoses."""
    sections: dict[str, list[str]] = {}
    for word in PINNED[name].split():
        if word.endswith(":"):
            section = sections.setdefault(word[:-1], [])
        else:
            section.append(word)
    facts = {rule: verdict.value for verdict in Verdict for rule in sections[verdict.value] if rule != "none"}
    scores = dict(zip(sections["scores"][::2], sections["scores"][1::2], strict=True))
    return facts | scores | {name: " ".join(sections[name]) for name in ("grade", "diagnoses")}


def facts_of(result: AuditResult) -> dict[str, str]:
    """A result in the form of the table: each rule by its worst scenario."""
    verdicts = {each.rule: each.verdict.value for each in standings(result.findings)}
    scores = {name: str(each.score) for name, each in result.scores.items()}
    diagnoses = " ".join(each.id for each in result.diagnoses) or "none"
    return verdicts | scores | {"grade": result.grade, "diagnoses": diagnoses}


def difference(name: str, result: AuditResult) -> str:
    """How a result departs from the table, with the reasons that it gives; empty when it does not."""
    wanted, found = pinned(name), facts_of(result)
    if ALWAYS.get(name, "") not in found["diagnoses"]:
        return f"  diagnoses: {found['diagnoses']}, and not {ALWAYS[name]}"
    return "\n".join(
        line
        for fact in sorted(wanted.keys() | found.keys())
        if wanted.get(fact) != found.get(fact) and fact not in VARIES.get(name, ())
        for line in (f"  {fact}: pinned {wanted.get(fact)}, found {found.get(fact)}", *_reasons(fact, result))
    )


def _reasons(rule: str, result: AuditResult) -> list[str]:
    own = [each for each in result.findings if each.rule == rule]
    return [f"      {each.verdict} in {each.scenario} (trial {each.trial}): {each.why}" for each in own]


def audited(name: str, seed: int, root: Path) -> AuditResult:
    """A quick audit of a built-in server; its run is left under `root`."""
    _, result = Subject(name).audit(Order(_scenarios(name), "quick", seed, JOBS), root, SCENARIOS)
    return result


def _scenarios(name: str) -> tuple[Scenario, ...]:
    return tuple(each for each in SCENARIOS if each.id in SHORT.get(name, (each.id,)))


@pytest.mark.sockets
@pytest.mark.parametrize("name", builtin.NAMES)
def test_a_built_in_server_is_told_exactly_this(name: str, tmp_path: Path) -> None:
    found = difference(name, audited(name, SEED, tmp_path))
    if found:
        pytest.fail(f"{name} departs from the table:\n{found}", pytrace=False)


def test_the_table_names_every_rule_of_every_built_in_server_once() -> None:
    assert tuple(PINNED) == builtin.NAMES
    rules = [rule.id for rule in RULES]
    for name, block in PINNED.items():
        played = Order(_scenarios(name), "quick", SEED, JOBS).fitting(Subject(name).declared()).scenarios
        judged = {rule.id for scenario in played for rule in scenario.checks}
        assert sorted(word for word in block.split() if word in rules) == sorted(judged)


def test_short_audits_name_scenarios_that_there_are() -> None:
    assert all(len(_scenarios(name)) == len(chosen) for name, chosen in SHORT.items())


def test_the_reference_keeps_every_promise() -> None:
    facts = pinned(builtin.REFERENCE)
    promised = {
        rule.id: facts[rule.id] for rule in RULES if rule.id != "interrupt"
    }  # it queues what is asked meanwhile
    assert set(promised.values()) == {"pass"}
    assert (facts["grade"], {facts[name] for name in CAPABILITIES}) == ("A+", {"100.0"})
