"""The way out, cheapest first: the steps of a result's plan, by effort, with what each closes and leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from audit.outlook import Step
from audit.result import AuditResult

from . import figures

EFFORTS = ("configuration", "endpoint", "transport", "session layer")
EFFORT_MEANS = {
    "configuration": "a setting or a header; no code of yours changes",
    "endpoint": "a new or corrected endpoint on the server you have",
    "transport": "another way for devices and server to talk",
    "session layer": "the session becomes a log of its own that agents write and devices read",
}
MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Link:
    """Something on this page: its name and its anchor."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Action:
    """A numbered step; the diagnoses it treats, the gaps it closes, and the grade it leads to."""

    number: int
    step: Step
    treats: tuple[Link, ...]
    closes: tuple[Link, ...]
    leads_to: str
    spares: str


@dataclass(frozen=True, slots=True)
class Stage:
    """All actions of one effort."""

    effort: str
    means: str
    actions: tuple[Action, ...]


def plan(result: AuditResult, anchors: Mapping[tuple[str, str], str], prefix: str) -> tuple[Stage, ...]:
    """Stages with something to do, cheapest first. anchors: (rule, scenario) → where the gap is told."""
    diagnoses = {each.id: Link(each.title, f"{prefix}d{number}") for number, each in enumerate(result.diagnoses, 1)}
    actions = [_action(number, step, anchors, diagnoses) for number, step in enumerate(result.plan[:MOST_STEPS], 1)]
    ordered = sorted(actions, key=lambda action: effort_order(action.step.effort))
    stages = groupby(ordered, key=lambda action: action.step.effort)
    return tuple(Stage(effort, EFFORT_MEANS.get(effort, ""), tuple(found)) for effort, found in stages)


def effort_order(effort: str) -> tuple[int, str]:
    """Cheapest first; an effort this report does not know comes last."""
    return (EFFORTS.index(effort) if effort in EFFORTS else len(EFFORTS), effort)


def cited(names: Iterable[str], anchors: Mapping[tuple[str, str], str]) -> tuple[Link, ...]:
    """`rule@scenario` → links to where they are told, for those that are."""
    return tuple(Link(name, anchors.get((name.partition("@")[0], name.partition("@")[2]), "")) for name in names)


def by_rule(names: Iterable[str], anchors: Mapping[tuple[str, str], str]) -> tuple[Link, ...]:
    """The rules of `rule@scenario`, each once, with where the first of its gaps is told: `loss (7 scenarios)`."""
    rules: dict[str, list[Link]] = {}
    for link in cited(names, anchors):
        rules.setdefault(link.text.partition("@")[0], []).append(link)
    return tuple(
        Link(f"{rule} ({len(links)} scenarios)" if len(links) > 1 else links[0].text, links[0].anchor)
        for rule, links in rules.items()
    )


def _action(number: int, step: Step, anchors: Mapping[tuple[str, str], str], diagnoses: Mapping[str, Link]) -> Action:
    treats = tuple(diagnoses.get(name, Link(name, "")) for name in step.diagnoses)
    return Action(number, step, treats, by_rule(step.closes, anchors), leads_to(step), _spares(step.spares))


def leads_to(step: Step) -> str:
    """`B, 84.7`: the grade after this step."""
    return f"{step.letter}, {figures.score(step.score)}" if step.letter else ""


def _spares(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    listed = ", ".join(map(str, numbers))
    return f"Go straight here and you do not need step{'s' if len(numbers) > 1 else ''} {listed}."
