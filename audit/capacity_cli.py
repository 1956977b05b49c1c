"""`durable-audit capacity`: a load that rises until the target breaks; the knee, a model, and what more would need."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from . import __version__
from .campaign import now
from .capacity_outputs import CapacityOutputs, said, say
from .errors import ConfigError, HarnessError, Problem
from .load.campaign import Cost, forbidden, load
from .load.capacity_result import CapacityResult, Rung, verdict
from .load.churn import PRESETS
from .load.climb import Climb, model_of, steps_of
from .load.drive import Distribution
from .load.figures import WINDOW_S
from .load.order import Order
from .load.result import LoadResult
from .load.steps import knee, levels
from .load_cli import load_command, served
from .load_request import Request, requested
from .named_errors import named_errors
from .runner import versions

MANY = click.IntRange(1)
FILE = click.Path(dir_okay=False, path_type=Path)
CROWD = ("preset", "per_session", "words", "pace_ms", "drop_every_s", "gate", "processes", "seed", "yes")


@click.command("capacity", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", metavar="TARGET")
@click.option("--from", "first", type=MANY, default=100, show_default=True, help="Devices of the first step.")
@click.option("--to", "last", type=MANY, default=2_000, show_default=True, help="Devices of the last step.")
@click.option("--steps", type=click.IntRange(1, 100), default=6, show_default=True, help="How many; a model takes 4.")
@click.option("--step-s", type=click.FloatRange(WINDOW_S), default=30, show_default=True, help="Seconds of each step.")
@click.option("--limit-ms", type=float, default=1_000, show_default=True, help="Most that words may be late, p95.")
@click.option("--devices-wanted", type=click.IntRange(1), help="Say what so many devices would need, by the model.")
@click.option("--preset", type=click.Choice(list(PRESETS)), default="office", show_default=True, help="The crowd.")
@click.option("--per-session", type=int, help="Devices that share a session; the first of them asks.")
@click.option("--words", type=int, default=20, show_default=True, help="Words of each answer.")
@click.option("--pace-ms", type=float, help="Milliseconds between two words.")
@click.option("--drop-every-s", type=float, help="Mean seconds between two drops of one device; 0: never.")
@click.option("--gate", multiple=True, metavar="EXPR", help='"resume_delay_p95_ms < 2000"; held in every step.')
@click.option("--processes", type=int, default=1, show_default=True, help="Generators.")
@click.option("--seed", type=int, help="Same seed, same plan; by default a random one.")
@click.option("--yes", is_flag=True, help="Confirm load on a host that is not this machine.")
@click.option("--dry-run", is_flag=True, help="Show the plan and its cost, then stop.")
@click.option("--html", type=FILE, help="Write the report to this file.")
@click.option("--json", type=FILE, help="Write the result to this file.")
@named_errors
def capacity_command(name: str, **options: Any) -> None:
    """Load TARGET with more and more devices until it breaks: how many it holds, and a model of what more need."""
    planned = levels(options["first"], options["last"], options["steps"])
    request = _requested(name, options)
    cost = _cost(request, planned) if request.cost else None
    if cost:
        steps = ", ".join(f"{devices:,}" for devices in planned)
        click.echo(f"capacity of {name}, seed {request.seed}: up to {len(planned)} steps ({steps} devices)", err=True)
        click.echo(f"all of them together: {cost}", err=True)
    _insist(request, cost, options)
    if options["dry_run"]:
        return
    result = _climbed(request, planned, options)
    for path in CapacityOutputs(options["html"], options["json"]).write(result):
        click.echo(f"written: {path}", err=True)
    click.echo(say(result))
    code, reason = verdict(result)
    click.echo(reason, err=True)
    sys.exit(code)


def _requested(name: str, options: dict[str, Any]) -> Request:
    """The largest step as `load` would be asked for it: what is wrong with it is wrong with the climb."""
    usual = load_command.make_context("load", [name]).params
    own = {"shape": "constant", "devices": options["last"], "seconds": options["step_s"]}
    request = requested(name, {**usual, **{each: options[each] for each in CROWD}, **own})
    return replace(request, churn=replace(request.churn, storms=()))  # each step is one level, and nothing else


def _cost(request: Request, planned: Sequence[int]) -> Cost:
    """Of all steps together."""
    each = [Cost.of(replace(request.churn, devices=devices), request.seed) for devices in planned]
    sums = {name: sum(getattr(cost, name) for cost in each) for name in ("prompts", "resumes", "seconds")}
    return replace(each[-1], **sums)


def _insist(request: Request, cost: Cost | None, options: dict[str, Any]) -> None:
    """ConfigError with all that is wrong or not permitted, before any connection."""
    problems = list(request.wrong)
    if options["first"] > options["last"]:
        what = f"the first step of {options['first']:,} devices is larger than the last of {options['last']:,}"
        problems.append(Problem("--from", what, "--from 100 --to 2000"))
    if options["step_s"] % WINDOW_S:
        what = f"{options['step_s']:g} is no multiple of {WINDOW_S:g} s, in which throughput is counted"
        problems.append(Problem("--step-s", what, "--step-s 30"))
    if options["limit_ms"] <= 0:
        problems.append(Problem("--limit-ms", f"{options['limit_ms']:g} is not above 0", "--limit-ms 1000"))
    if request.target is not None and not options["dry_run"]:
        problems += forbidden(request.target, cost, yes=options["yes"])
    if problems:
        raise ConfigError("capacity", tuple(problems))


def _climbed(request: Request, planned: tuple[int, ...], options: dict[str, Any]) -> CapacityResult:
    created, argv = now(), ("durable-audit", *sys.argv[1:])

    def run(order: Order) -> LoadResult:
        click.echo(f"{order.churn.devices:>8,} devices for {order.churn.seconds:g} s …", err=True)
        result = load(order, Distribution(), request.gates, argv)
        if result is None:
            raise HarnessError("the step has no result")
        return result

    climb = Climb(planned, options["limit_ms"], run)
    rungs: list[Rung] = []
    with served(request.builtin) as toml:
        order = Order("" if toml else request.name, toml, request.churn, request.seed, request.processes, request.clock)
        target = order.target().redacted()
        for rung in climb.rungs(order):
            click.echo(said(rung), err=True)
            rungs.append(rung)
    wanted = options["devices_wanted"]
    model, no_model = model_of(rungs, request.seed)
    return CapacityResult(
        tool=f"durable-audit {__version__}",
        created=created,
        argv=argv,
        seed=request.seed,
        target=target,
        plan=asdict(request.churn),
        step_s=options["step_s"],
        limit_ms=options["limit_ms"],
        planned=planned,
        rungs=tuple(rungs),
        ended=climb.ended,
        why=climb.why,
        knee=knee(steps_of(rungs)),
        model=model,
        no_model=no_model,
        wanted=wanted,
        needed=model.instances(wanted) if model and wanted else None,
        environment=versions() | {"platform": platform.platform(terse=True), "tool": __version__},
    )
