"""`durable-audit triage`: which layer is on fire, from symptoms and, better, from a result."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import click

from .errors import ConfigError, Problem
from .named_errors import named_errors
from .problems import nearest
from .result_file import load_result
from .triage import Triage, triage
from .triage_words import LAYERS, SYMPTOMS

SCHEMA = "durable-audit/triage/1"
WIDTH = 100
_KNOWN = tuple(each.id for each in SYMPTOMS)


@click.command("triage")
@click.option("--symptom", "symptoms", multiple=True, metavar="ID", help="What you see; may be repeated.")
@click.option("--list", "listing", is_flag=True, help="Show all symptoms and layers, then stop.")
@click.option(
    "--result",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A result.json, or the folder of a run: what is proven outweighs what is told.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@named_errors
def triage_command(symptoms: tuple[str, ...], listing: bool, path: Path | None, as_json: bool) -> None:
    """Say which layer is on fire: delivery, or another one, which no audit of delivery can mend.

    In a terminal, without options, it asks what you see.
    """
    if listing:
        click.echo(_catalogue())
        return
    _refuse_unknown(symptoms)
    result = load_result(path / "result.json" if path.is_dir() else path) if path else None
    if not symptoms and result is None:
        symptoms = _asked()
    found = triage(symptoms, result)
    click.echo(_as_json(found) if as_json else _as_text(found))


def _refuse_unknown(symptoms: Sequence[str]) -> None:
    problems = []
    for name in symptoms:
        if name not in _KNOWN:
            close = nearest(name, _KNOWN)
            hint = f"; did you mean {close!r}?" if close else "; see durable-audit triage --list"
            problems.append(Problem("--symptom", f"{name[:60]!r} is not known{hint}", _KNOWN[0]))
    if problems:
        raise ConfigError("command line", tuple(problems))


def _asked() -> tuple[str, ...]:
    """What the user sees, by numbers; ConfigError where nobody can be asked."""
    if not _can_ask():
        what = "give --symptom or --result, or ask in a terminal"
        raise ConfigError("command line", (Problem("triage", what, "durable-audit triage --symptom lost-answer"),))
    for number, symptom in enumerate(SYMPTOMS, 1):
        click.echo(f"{number:>3}  {symptom.text}", err=True)
    while True:
        answer = click.prompt("What do you see? Numbers, with blanks between them", err=True)
        numbers = answer.replace(",", " ").split()
        if numbers and all(each.isdecimal() and 1 <= int(each) <= len(SYMPTOMS) for each in numbers):
            return tuple(SYMPTOMS[int(each) - 1].id for each in numbers)
        click.echo(f"Numbers from 1 to {len(SYMPTOMS)}, please.", err=True)


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _catalogue() -> str:
    symptoms = [f"  {each.id:<18} {each.text}" for each in SYMPTOMS]
    layers = [_filled(f"  {each.id:<18} {each.title}: {each.reach_for}.", 21) for each in LAYERS]
    return "\n".join(["Symptoms", *symptoms, "", "Layers, and what to reach for", *layers])


def _as_text(found: Triage) -> str:
    lines = [_filled(found.verdict, 0)]
    for place, suspect in enumerate(found.suspects, 1):
        layer = suspect.layer
        lines += ["", f"{place}. {layer.title}"]
        lines += [_filled(f"   - {why}", 5) for why in suspect.why]
        lines += [_filled(f"   Reach for: {layer.reach_for}.", 14), _filled(f"   First:     {layer.first}", 14)]
        lines.append(_filled(f"   Price:     {layer.gives_up}", 14))
    return "\n".join(lines)


def _as_json(found: Triage) -> str:
    layers = [
        {
            "id": each.layer.id,
            "title": each.layer.title,
            "weight": each.weight,
            "why": each.why,
            "reach_for": each.layer.reach_for,
            "first": each.layer.first,
            "price": each.layer.gives_up,
        }
        for each in found.suspects
    ]
    told = {"symptoms": found.symptoms, "delivery": found.delivery, "verdict": found.verdict, "layers": layers}
    return json.dumps({"schema": SCHEMA, **told}, ensure_ascii=False, indent=1)


def _filled(text: str, indent: int) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False)
