"""`durable-audit replay`: one trial of a stored run, played again by the same plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from .campaign import Order, judge_run
from .errors import ConfigError, Problem
from .finding import Verdict
from .gates import FAILED, INCONCLUSIVE, INTERRUPTED, MET
from .named_errors import named_errors
from .outputs import replay_text
from .replay import Case, case_of, only, replayed, scenario_of
from .scenario import Scenario
from .store import StoredRun, load_run
from .subject import Subject

RUNS = Path("runs")
_CODES = {Verdict.GAP: FAILED, Verdict.INCONCLUSIVE: INCONCLUSIVE}


@click.command("replay")
@click.argument("path", metavar="RUN", type=click.Path(path_type=Path), default=RUNS / "latest")
@click.option(
    "--case", "wanted", required=True, metavar="ID", help="A finding, loss@network-drop; a trial, network-drop-2."
)
@click.option("--target", metavar="TARGET", help="Where the target is now; by default the file that the run names.")
@click.option("--allow-hooks", is_flag=True, help="Run the commands in [hooks] of the target file.")
@click.option(
    "--runs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=RUNS / "replays",  # so that `latest` stays the audit that is looked into
    show_default=True,
    help="Where the new run is kept.",
)
@named_errors
@click.pass_obj
def replay_command(
    scenarios: tuple[Scenario, ...], path: Path, wanted: str, target: str | None, allow_hooks: bool, root: Path
) -> None:
    """Play one trial of RUN (default: the latest), and its twin, again, and show what was said of it then and now.

    Exits 1 when the gap is there again, 3 when nothing could be proven, 0 when it is gone.
    """
    stored = load_run(path)
    case = _case(wanted, stored, scenarios)
    subject, order = _order(case, stored, scenarios, target, allow_hooks)
    old = judge_run(replace(stored, meta=only(stored.meta, case.scenario, case.trial)), scenarios)
    store, new = subject.audit(order, root, scenarios)
    old = replace(old, created=stored.meta.created)  # when it was played, not when it was judged again
    if subject.target is None:  # a built-in server is somewhere else every time
        old = replace(old, target={**old.target, "base_url": new.target.get("base_url")})
    found = replayed(case, old, new)
    click.echo(f"run: {store.path}", err=True)
    click.echo(replay_text(found, old, new))
    sys.exit(INTERRUPTED if new.partial else _CODES.get(found.verdict, MET))


def _case(wanted: str, stored: StoredRun, scenarios: tuple[Scenario, ...]) -> Case:
    part = replace(stored, meta=only(stored.meta, scenario_of(wanted, stored.meta)))
    return case_of(wanted, stored.meta, judge_run(part, scenarios).findings if "@" in wanted else ())


def _order(
    case: Case, stored: StoredRun, scenarios: tuple[Scenario, ...], target: str | None, hooks: bool
) -> tuple[Subject, Order]:
    """Whom to audit, and by which plan; ConfigError when the scenario cannot be played."""
    chosen = tuple(scenario for scenario in scenarios if scenario.id == case.scenario)
    if not chosen:
        what = f"this version knows no scenario {case.scenario!r}; replay it with the version that played it"
        raise ConfigError("replay", (Problem("--case", what),))
    subject = Subject.named(target or stored.meta.target_file)
    order = Order(chosen, stored.meta.profile, stored.meta.seed, 1, case.trial, hooks=hooks)
    order = order.fitting(subject.declared())
    if not order.scenarios:
        raise ConfigError("replay", (Problem("--case", f"{case.scenario} cannot be played: {order.untested[0].why}"),))
    subject.afford(order)
    return subject, order
