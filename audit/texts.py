"""What the command line says: the plan with its cost, the catalogue, and the words of a rule or scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from .adapters import ADAPTERS
from .campaign import Cost, Order
from .checks import RULES
from .checks.base import RuleText
from .contract import CAPABILITIES, CAPABILITY_TITLES
from .errors import ConfigError, Problem
from .faults import FAULTS
from .load.rules import LOAD_RULES
from .result import AuditResult
from .scenario import PROFILES, Scenario
from .target import Target
from .undecided import ROUNDS

WIDTH = 100
UNDER_LOAD = "durable-audit load"  # what judges a rule that no scenario does

_RULES: tuple[RuleText, ...] = (*RULES, *LOAD_RULES)


def plan(name: str, order: Order, cost: Cost) -> str:
    """The plan in a few lines, before anything happens."""
    return (
        f"Auditing {name}: {len(order.scenarios)} scenarios, {cost.trials} trials (profile {order.profile}, "
        f"seed {order.seed}).\nIt will send {cost.prompts} prompts from {cost.devices} devices, {order.jobs} trials at "
        f"a time: about {cost.seconds:.0f} s for a target that says 100 words a second.{_more(order)}"
    )


def _more(order: Order) -> str:
    """What may come on top."""
    if order.trial is not None:
        return ""
    most = ROUNDS * PROFILES[order.profile]
    return f"\nA scenario whose delays lie near their threshold gets up to {most} more trials."


def steps(order: Order) -> str:
    """Every scenario of a plan, with where its trials strike."""
    left = (f"  {each.what:<18} left out: {each.why}" for each in order.untested)
    return "\n".join([*(_step(scenario, order) for scenario in order.scenarios), *left])


def hooks(target: Target) -> Iterator[str]:
    """The commands of a target file that an audit would run, once allowed."""
    for name, command in target.redacted()["hooks"].items():
        if command and name in ("restart", "token"):
            yield f"  hook {name:<13} {command} (run with --allow-hooks)"


def _step(scenario: Scenario, order: Order) -> str:
    plans = [each for each in order.plans() if each.scenario is scenario and not each.twin]
    where = ", ".join(dict.fromkeys(each.arm or each.point for each in plans))
    trials = f"{len(plans)} trial{'s' if len(plans) != 1 else ''} and a fault-free twin"
    return f"  {scenario.id:<18} {trials}, {scenario.prompts} prompts each ({where}): {scenario.title}"


def line(result: AuditResult) -> str:
    """A result in one line."""
    scores = (f"{CAPABILITY_TITLES[id]} {_score(result, id)}" for id in CAPABILITIES)
    return f"{result.target['name']:<22} {result.grade:<3} {' · '.join(scores)}"


def _score(result: AuditResult, capability: str) -> str:
    score = result.scores[capability].score
    return "–" if score is None else f"{score:.0f}"


def catalogue(scenarios: Sequence[Scenario], servers: Iterable[tuple[str, str]]) -> str:
    """Everything there is, by kind."""
    parts = [_section("Scenarios", ((each.id, each.title) for each in scenarios))]
    for capability in CAPABILITIES:
        rules = ((each.id, f"{each.severity.value}: {each.title}") for each in _RULES if each.capability == capability)
        parts.append(_section(f"Rules: {CAPABILITY_TITLES[capability]}", rules))
    parts.append(_section("Protocols", ((each.id, each.title) for each in ADAPTERS)))
    parts.append(_section("Faults", ((each.__name__.lower(), _first_line(each.__doc__)) for each in FAULTS)))
    parts.append(_section("Built-in servers (run, serve, --compare)", servers))
    parts.append(_section("Profiles", ((name, f"{trials} trials a scenario") for name, trials in PROFILES.items())))
    return "\n\n".join(parts)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> str:
    indent = " " * 24
    wrapped = (_filled(f"  {id:<21} {text}", indent) for id, text in rows)
    return "\n".join([title, *wrapped])


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0] if text else ""


def explain(name: str, scenarios: Sequence[Scenario]) -> str:
    """A rule or scenario in full, or both of that name; ConfigError with a near miss for a name that is neither."""
    rules = (rule for rule in _RULES if rule.id == name)
    told = [_rule(rule, [each.id for each in scenarios if rule in each.checks] or [UNDER_LOAD]) for rule in rules]
    told += [_scenario(scenario) for scenario in scenarios if scenario.id == name]
    if told:
        return "\n\n".join(told)
    known = [*(rule.id for rule in _RULES), *(each.id for each in scenarios)]
    raise ConfigError("command line", (Problem("RULE", unknown(name, known), "durable-audit explain loss"),))


def _rule(rule: RuleText, where: Sequence[str]) -> str:
    head = f"{rule.id} · {CAPABILITY_TITLES[rule.capability]} · {rule.severity.value} (weight {rule.severity.weight:g})"
    remedy = rule.remedy
    return "\n".join(
        [
            head,
            rule.title,
            "",
            _labeled("Must be true", rule.truth),
            _labeled("Users feel", rule.felt),
            _labeled("Why it breaks", rule.why),
            _labeled("Remedy", f"{remedy.action} Gain: {remedy.gain} Cost: {remedy.cost} Effort: {remedy.effort}."),
            _labeled("Judged in", ", ".join(where)),
            _labeled("Sources", ", ".join(rule.source)),
        ]
    )


def _scenario(scenario: Scenario) -> str:
    return "\n".join(
        [
            f"{scenario.id} · {CAPABILITY_TITLES[scenario.capability]}",
            scenario.title,
            "",
            _labeled("Story", _story(scenario)),
            _labeled("Why", scenario.why),
            _labeled("Strikes", ", ".join(dict.fromkeys(scenario.arms or scenario.points))),
            _labeled("Judged by", ", ".join(rule.id for rule in scenario.checks)),
        ]
    )


def _story(scenario: Scenario) -> str:
    return " ".join((scenario.script.__doc__ or "").split())


def _labeled(label: str, text: str) -> str:
    return _filled(f"{label + ':':<15}{text}", " " * 15)


def _filled(text: str, indent: str) -> str:
    """Wrapped, but never inside a name: ids and sources are there to be copied."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def unknown(name: str, known: Sequence[str]) -> str:
    """What to say of a name that is not known."""
    close = get_close_matches(name, known, 1)
    return f"{name!r} is not known" + (f"; did you mean {close[0]!r}?" if close else "; see durable-audit list")
