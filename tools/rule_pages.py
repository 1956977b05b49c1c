"""A page a rule: its words, and two histories, one that keeps it and one that breaks it, as its own tests have them."""

from __future__ import annotations

from audit.checks import RULES
from audit.checks.base import Rule
from audit.finding import Finding, Verdict
from audit.history import History
from audit.judge import judge
from tests.audit.checks.mutators import MUTATORS, Mutator
from tests.golden.record import golden

from .lanes import PROOF, lanes

LEGEND = (
    f"Time in milliseconds; `{PROOF}` marks what the verdict rests on; words that came in a row are told as one\n"
    "stretch, with their number.\n"
)


def rule_pages() -> dict[str, str]:
    """`rules/<id>.md` → its text."""
    planted = {mutator.rule: mutator for mutator in reversed(MUTATORS)}  # the first of each rule
    return {f"rules/{rule.id}.md": _page(rule, planted[rule.id]) for rule in RULES if rule.id in planted}


def _page(rule: Rule, planted: Mutator) -> str:
    clean = golden(planted.scenario, planted.trial)
    kept = _finding(rule, clean, Verdict.PASS)
    broken_history = planted.mutate(clean)
    broken = _finding(rule, broken_history, Verdict.GAP)
    return "\n".join(
        [
            f"# {rule.id}\n",
            f"**{rule.title}** · {rule.severity.value} · [all rules](../rules.md#{rule.id})\n",
            f"{rule.truth}\n",
            f"What users feel when it is not: {rule.felt}\n",
            *_shown("Kept", planted, kept, clean),
            *_shown(f"Broken: {planted.name.replace('_', ' ')}", planted, broken, broken_history),
            LEGEND,
        ]
    )


def _shown(title: str, planted: Mutator, finding: Finding, history: History) -> list[str]:
    where = f"[`{planted.scenario}`](../scenarios.md#{planted.scenario}), trial {planted.trial}"
    return [f"## {title}\n", f"{where}: {finding.why}\n", f"```text\n{lanes(history, finding.evidence)}\n```\n"]


def _finding(rule: Rule, history: History, verdict: Verdict) -> Finding:
    return next(found for found in judge(history, (rule,)) if found.verdict is verdict)
