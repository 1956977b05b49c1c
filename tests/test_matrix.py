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

VARIES = {"relay-orchestrator": ("discovery", "live-view", "diagnoses")}
"""What hangs on luck: whether a device happens to come while the orchestrator thinks. It is never held to the table."""

PINNED = {
    "reference": """
        grade: A+
        scores: resilient-delivery 100.0 continuity 100.0 live-control 100.0
        pass: loss duplication order text-integrity termination survival hang resume-delay cursor-integrity
          early-resume completion-window resubmission buffering join discovery live-view convergence echo independence
          handoff tab-freeze tab-close stop stop-visibility stop-reach stop-aim stop-idempotence resurrection readiness
          control-delay stop-vs-disconnect
        gap: none
        inconclusive: none
        not_applicable: none
        diagnoses: none
    """,
    "naive-sse": """
        grade: F
        scores: resilient-delivery 46.9 continuity 11.5 live-control 0.0
        pass: duplication order text-integrity termination buffering tab-freeze
        gap: loss survival early-resume completion-window resubmission join discovery live-view convergence echo handoff
          tab-close stop-visibility stop-reach stop-vs-disconnect
        inconclusive: stop readiness control-delay
        not_applicable: hang resume-delay cursor-integrity independence stop-aim stop-idempotence resurrection
        diagnoses: single-connection-trap resume-cancel-conflict trapped-user private-stream
    """,
    "cancel-on-disconnect": """
        grade: D
        scores: resilient-delivery 79.4 continuity 79.3 live-control 73.1
        pass: loss duplication order text-integrity termination hang resume-delay completion-window buffering join
          discovery live-view convergence echo independence tab-freeze stop stop-visibility stop-reach stop-idempotence
          resurrection readiness control-delay
        gap: survival resubmission handoff tab-close stop-aim stop-vs-disconnect
        inconclusive: none
        not_applicable: cursor-integrity early-resume
        diagnoses: resume-cancel-conflict
    """,
    "private-socket": """
        grade: E
        scores: resilient-delivery 46.9 continuity 11.5 live-control 62.5
        pass: duplication order text-integrity termination buffering tab-freeze stop stop-idempotence readiness
          control-delay
        gap: loss survival early-resume completion-window resubmission join discovery live-view convergence echo handoff
          tab-close stop-reach stop-aim
        inconclusive: stop-visibility stop-vs-disconnect
        not_applicable: hang resume-delay cursor-integrity independence resurrection
        diagnoses: single-connection-trap trapped-user private-stream
    """,
    "resumable-no-stop": """
        grade: D
        scores: resilient-delivery 100.0 continuity 31.0 live-control 26.7
        pass: loss duplication order text-integrity termination survival hang resume-delay cursor-integrity early-resume
          completion-window buffering independence tab-freeze tab-close stop-aim stop-idempotence
        gap: join discovery live-view convergence echo handoff stop stop-reach stop-vs-disconnect
        inconclusive: resubmission stop-visibility resurrection readiness control-delay
        not_applicable: none
        diagnoses: trapped-user private-stream
    """,
    "relay-orchestrator": """
        grade: F
        scores: resilient-delivery 0.0 continuity 0.0 live-control None
        pass: none
        gap: buffering join convergence echo
        inconclusive: none
        not_applicable: discovery live-view
        diagnoses: buffering-path
    """,
    "producer-held-resume": """
        grade: C
        scores: resilient-delivery 77.4 continuity 100.0 live-control None
        pass: buffering convergence duplication hang independence order resume-delay survival termination text-integrity
        gap: loss completion-window
        inconclusive: none
        not_applicable: cursor-integrity
        diagnoses: producer-held-resume interrupted-return
    """,
    "sticky-nodes": """
        grade: F
        scores: resilient-delivery 78.9 continuity 23.1 live-control 0.0
        pass: buffering duplication echo hang order text-integrity
        gap: loss join discovery live-view stop
        inconclusive: survival convergence stop-visibility resurrection control-delay
        not_applicable: resume-delay cursor-integrity independence termination
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
        grade: A
        scores: resilient-delivery 100.0 continuity 100.0 live-control 88.5
        pass: loss duplication order text-integrity termination survival hang resume-delay early-resume
          completion-window resubmission buffering join discovery live-view convergence echo independence handoff
          tab-freeze tab-close stop stop-visibility stop-reach stop-idempotence resurrection readiness control-delay
          stop-vs-disconnect
        gap: stop-aim
        inconclusive: none
        not_applicable: cursor-integrity
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
        judged = {rule.id for scenario in _scenarios(name) for rule in scenario.checks}
        assert sorted(word for word in block.split() if word in rules) == sorted(judged)


def test_short_audits_name_scenarios_that_there_are() -> None:
    assert all(len(_scenarios(name)) == len(chosen) for name, chosen in SHORT.items())


def test_the_reference_keeps_every_promise() -> None:
    facts = pinned(builtin.REFERENCE)
    assert {facts[rule.id] for rule in RULES} == {"pass"}
    assert (facts["grade"], {facts[name] for name in CAPABILITIES}) == ("A+", {"100.0"})
