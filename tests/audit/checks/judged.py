"""What a rule says of a story, with the promises that every finding keeps checked on the way."""

from __future__ import annotations

from audit.checks.base import Rule
from audit.finding import Finding, Verdict
from audit.history import History

from .story import Story

GAP, PASS, INCONCLUSIVE = Verdict.GAP, Verdict.PASS, Verdict.INCONCLUSIVE


def judged(rule: Rule, story: Story | History) -> dict[str | None, Finding]:
    """Device (None: the trial) → its finding."""
    history = story.history() if isinstance(story, Story) else story
    found: dict[str | None, Finding] = {}
    for finding in rule.judge(history):
        assert finding.device not in found, f"{rule.id} speaks twice of {finding.device}"
        check(rule, finding, history)
        found[finding.device] = finding
    return found


def check(rule: Rule, finding: Finding, history: History) -> None:
    """A finding names its rule, is one sentence, and its evidence is in order, in the history and not too much."""
    assert finding.rule == rule.id
    assert finding.why.endswith("."), finding.why
    assert "\n" not in finding.why
    assert len(finding.why) < 600
    assert list(finding.evidence) == sorted(set(finding.evidence))
    assert len(finding.evidence) <= 12
    assert all(0 <= index < len(history.events) for index in finding.evidence)
    assert finding.evidence or finding.verdict is not Verdict.GAP
    assert finding.device is None or finding.device in history.devices


def verdicts(rule: Rule, story: Story) -> dict[str | None, Verdict]:
    """Device → verdict."""
    return {device: finding.verdict for device, finding in judged(rule, story).items()}
