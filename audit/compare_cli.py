"""`durable-audit compare`: one target before and after."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .comparison import compare, refusals
from .errors import ConfigError, Problem, SchemaError
from .gates import FAILED
from .named_errors import named_errors
from .outputs import comparison_text, write_comparison
from .result import AuditResult
from .store import load_result, result_of

FILE = click.Path(dir_okay=False, path_type=Path)
PLACE = click.Path(path_type=Path)
AGAIN = "judge the older run again with this version: durable-audit check RUN"


@click.command("compare")
@click.argument("old", type=PLACE)
@click.argument("new", type=PLACE)
@click.option("--html", type=FILE, help="Write the comparison to this file, as one page.")
@click.option("--markdown", type=FILE, help="Write it to this file, for a step summary or a comment.")
@click.option("--fail-on-worse", is_flag=True, help="Exit 1 when anything that both tested got worse.")
@named_errors
def compare_command(old: Path, new: Path, html: Path | None, markdown: Path | None, fail_on_worse: bool) -> None:
    """What changed from OLD to NEW, each a result.json or the folder of a run.

    Both must have been judged by the same rules; what only one of them tested is told apart.
    """
    before, after = _loaded(old, new)
    if told := refusals(before, after):
        problems = (Problem("rules", each) for each in told)
        raise ConfigError("compare", (*problems, Problem("what to do", AGAIN)))
    found = compare(before, after)
    for path in write_comparison(found, html, markdown):
        click.echo(f"written: {path}", err=True)
    click.echo(comparison_text(found))
    if fail_on_worse and found.worse:
        click.echo("something got worse", err=True)
        sys.exit(FAILED)


def _loaded(*paths: Path) -> list[AuditResult]:
    """The results; ConfigError names every one that is of a schema which this version does not read."""
    results, problems = [], []
    for path in paths:
        try:
            results.append(load_result(result_of(path)))
        except SchemaError as error:
            problems.append(Problem("schema", str(error)))
    if problems:
        raise ConfigError("compare", tuple(problems))
    return results
