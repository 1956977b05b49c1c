"""Known gaps as reports show them: they are gaps, and somebody answers for each until a day."""

from __future__ import annotations

from audit.baseline import known
from audit.finding import Verdict
from audit.result import AuditResult, Judgment, KnownGap

from .text import count, visible

_NAME = 60
_REASON = 200


def entry(result: AuditResult, found: Judgment) -> KnownGap | None:
    """The entry of the baseline that answers for a gap; None for a new one, or without a baseline."""
    return known(found, result.known)


def note(result: AuditResult, found: Judgment) -> str:
    """`known until 2027-03-31 (chat-platform): moves with the new gateway`; empty for a gap that is not known."""
    answer = entry(result, found)
    if answer is None:
        return ""
    owner, reason = visible(answer.owner, _NAME), visible(answer.reason, _REASON)
    return f"known until {visible(answer.expires, 10)} ({owner}): {reason}"


def counted(result: AuditResult) -> str:
    """`2 of 5 gaps are known and still count in the scores`; empty without a known one."""
    gaps = [found for found in result.findings if found.verdict is Verdict.GAP]
    number = sum(entry(result, found) is not None for found in gaps)
    if not number:
        return ""
    return f"{number} of {count(len(gaps), 'gap')} {'is' if number == 1 else 'are'} known and still count in the scores"


def repeats(result: AuditResult) -> tuple[str, ...]:
    """What was played more often than the profile plays it, one sentence a scenario."""
    return tuple(
        f"{count(each.trials, 'trial')} of {each.scenario} {'was' if each.trials == 1 else 'were'} added: what was "
        f"measured for {', '.join(each.rules)} lay near the threshold."
        for each in result.repeated
    )
