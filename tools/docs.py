"""Writes the pages that follow from the registries: `python -m tools.docs` (`make docs`). A test holds them to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from audit.adapters import ADAPTERS
from audit.checks import RULES
from audit.checks.base import RuleText
from audit.contract import CAPABILITIES, CAPABILITY_TITLES
from audit.faults import FAULTS
from audit.load.rules import LOAD_RULES
from audit.scenario import PROFILES, Scenario
from scenarios import SCENARIOS

from .rule_pages import rule_pages

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTICE = "<!-- Written by `make docs` from the registries; change those, not this page. -->\n"


def pages() -> dict[str, str]:
    """File name below docs/ → its text."""
    return {"rules.md": rules(), "scenarios.md": scenarios(), "protocols.md": protocols(), **rule_pages()}


def rules() -> str:
    """Every rule: what must be true, what users feel, how it breaks, the way out and its price, where it is judged."""
    parts = [NOTICE, "# Rules\n", _weights()]
    for capability in CAPABILITIES:
        parts.append(f"## {CAPABILITY_TITLES[capability]}\n")
        parts += [_rule(rule) for rule in (*RULES, *LOAD_RULES) if rule.capability == capability]
    return "\n".join(parts)


def _weights() -> str:
    return (
        "Ids are stable. A capability scores the severity-weighted mean of its conclusive rules (critical 10, "
        "high 7.5, medium 5,\nlow 2.5); a rule counts by its worst trial over all scenarios. What could not be proven "
        "is counted in the floor as a gap,\nin the ceiling as a pass.\n"
    )


def _rule(rule: RuleText) -> str:
    where = ", ".join(f"[`{each.id}`](scenarios.md#{each.id})" for each in SCENARIOS if rule in each.checks)
    where = where or "[`durable-audit load`](load.md), on a plan with storms"
    remedy = rule.remedy
    page = f" · [one that keeps it, one that breaks it](rules/{rule.id}.md)" if rule in RULES else ""
    return "\n".join(
        [
            f"### {rule.id}",
            f"**{rule.title}** · {rule.severity.value}{page}",
            "",
            f"- Must be true: {rule.truth}",
            f"- Users feel: {rule.felt}",
            f"- How it breaks: {rule.why}",
            f"- Way out ({remedy.effort}): {remedy.action} You gain: {remedy.gain} You give up: {remedy.cost}",
            f"- Judged in: {where}",
            f"- Sources: {', '.join(rule.source)}",
            "",
        ]
    )


def scenarios() -> str:
    """Every scenario: its story, why it matters, where it strikes, what judges it."""
    trials = ", ".join(f"{name} {count}" for name, count in PROFILES.items())
    head = f"Trials a scenario: {trials}; before them one fault-free twin. Same seed, same plan.\n"
    return "\n".join([NOTICE, "# Scenarios\n", head, *(_scenario(each) for each in SCENARIOS)])


def _scenario(scenario: Scenario) -> str:
    story = " ".join((scenario.script.__doc__ or "").split())
    strikes = "arms " + ", ".join(scenario.arms) if scenario.arms else ", ".join(dict.fromkeys(scenario.points))
    judged = ", ".join(f"[`{rule.id}`](rules.md#{rule.id})" for rule in scenario.checks)
    return "\n".join(
        [
            f"### {scenario.id}",
            f"**{scenario.title}** · {CAPABILITY_TITLES[scenario.capability]}",
            "",
            f"- Story: {story}",
            f"- Why: {scenario.why}",
            f"- Strikes: {strikes}",
            f"- Prompts a trial: {scenario.prompts}",
            f"- Judged by: {judged}",
            "",
        ]
    )


def protocols() -> str:
    """Every protocol with the options of its target file, and every fault."""
    parts = [
        NOTICE,
        "# Protocols and faults\n",
        "`protocol = …` in a target file, and what goes into its `[options]`.\n",
    ]
    parts += [f"## {kind.id}\n{kind.title}\n\n{_options(kind.options_model)}" for kind in ADAPTERS]
    parts.append("## Faults\nWhat can happen on a device's wire.\n\n| fault | what happens |\n|---|---|")
    parts += [f"| `{fault.__name__.lower()}` | {_first(fault.__doc__)} |" for fault in FAULTS]
    return "\n".join(parts) + "\n"


def _options(model: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_default(field)} | {field.description or ''} |" for name, field in model.model_fields.items()
    ]
    return "\n".join(["| option | default | meaning |", "|---|---|---|", *rows, ""])


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "–" if value is None else f"`{value!r}`".replace("|", "\\|")


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def main() -> None:
    """Write every page."""
    (DOCS / "rules").mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
