"""`durable-audit load`: many devices under churn, every word verified."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Any, ParamSpec, TypeVar

import click

from . import builtin
from .errors import ConfigError, Problem
from .load.campaign import Cost, load, permit
from .load.churn import PRESETS, Churn, Storm, fitted
from .load.drive import Distribution
from .load.gates import in_force, parsed, verdict
from .load.order import Order
from .load.result import LoadResult
from .load_outputs import LoadOutputs, earlier, say
from .named_errors import named_errors
from .target import load_target

P = ParamSpec("P")
R = TypeVar("R")
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def _plan_options(command: Callable[P, R]) -> Callable[P, R]:
    numbers = (
        ("--devices", int, "Devices at the peak."),
        ("--seconds", float, "How long."),
        ("--per-session", int, "Devices that share a session; the first of them asks."),
        ("--words", int, "Words of each answer."),
        ("--pace-ms", float, "Milliseconds between two words."),
        ("--drop-every-s", float, "Mean seconds between two drops of one device; 0: never."),
        ("--away-s", float, "Mean seconds until it comes back."),
        ("--stay-s", float, "Mean seconds until a device is replaced by a new one; 0: it stays."),
        ("--stop-share", float, "Share of answers that are stopped halfway."),
        ("--slow-share", float, "Share of devices that read slowly."),
    )
    for name, kind, what in reversed(numbers):
        command = click.option(name, type=kind, help=what)(command)
    return command


def _output_options(command: Callable[P, R]) -> Callable[P, R]:
    asked = (
        ("html", FILE, "the load report to this file"),
        ("json", FILE, "the result to this file"),
        ("junit", FILE, "JUnit XML to this file"),
        ("markdown", FILE, "a Markdown summary to this file"),
        ("csv", FOLDER, "windows and measures as CSV into this folder"),
        ("parquet", FOLDER, "windows and measures as Parquet into this folder"),
    )
    for name, kind, what in reversed(asked):
        command = click.option(f"--{name}", type=kind, help=f"Write {what}.")(command)
    return command


@click.command("load", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", metavar="TARGET")
@click.option(
    "--preset", type=click.Choice(list(PRESETS)), default="office", show_default=True, help="A crowd to begin with."
)
@click.option("--shape", type=click.Choice(["constant", "ramp", "step", "spike"]), help="How devices arrive.")
@_plan_options
@click.option("--storm", "storms", type=float, multiple=True, metavar="SECONDS", help="Cut everybody then; repeatable.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same plan; by default a random one.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Generators (or workers).")
@click.option("--gate", "gates", multiple=True, metavar="EXPR", help='"resume_delay_p95_ms < 2000"; repeatable.')
@click.option("--compare", metavar="NAME", help="reference (the same plan against it), or the JSON of an earlier load.")
@click.option(
    "--receive-clock",
    type=click.Choice(["app", "kernel"]),
    default="app",
    show_default=True,
    help="When a word counts as received.",
)
@click.option("--web", type=click.IntRange(1, 65535), help="Show Locust's page on this port.")
@click.option("--master", is_flag=True, help="Wait for --processes workers on other machines.")
@click.option("--worker", is_flag=True, help="Work for a master; give TARGET, plan and seed as it has them.")
@click.option("--master-host", default="127.0.0.1", show_default=True)
@click.option("--master-port", type=int, default=5557, show_default=True)
@click.option("--yes", is_flag=True, help="Confirm load on a host that is not this machine.")
@click.option("--dry-run", is_flag=True, help="Show the plan and its cost, then stop.")
@_output_options
@named_errors
def load_command(name: str, **options: Any) -> None:
    """Put TARGET (a target file, or a built-in server by its name) under load, verifying every word."""
    seed = options["seed"] if options["seed"] is not None else SystemRandom().randrange(1_000_000)
    if options["worker"] and options["seed"] is None:
        raise ConfigError("command line", (Problem("--seed", "a worker needs the seed of its master", "--seed 7"),))
    churn = _churn(options)
    cost = Cost.of(churn, seed)
    click.echo(f"load on {name}, seed {seed}: {cost}", err=True)
    if options["dry_run"]:
        return
    given = parsed(options["gates"], "--gate")
    other = options["compare"]
    with _served(name) as (file, toml):
        order = Order(file, toml, churn, seed, options["processes"], options["receive_clock"])
        target = order.target()
        permit(target, churn, cost, yes=options["yes"])
        declared = parsed(target.load_gates, "gates.load")
        result = load(order, _spread(options), in_force(declared, given), ["durable-audit", *sys.argv[1:]])
    if result is not None:
        beside = _reference(order, result) if other == builtin.REFERENCE else None
        before = earlier(Path(other)) if other and other != builtin.REFERENCE else None
        _deliver(result, beside, before, options)


def _churn(options: dict[str, Any]) -> Churn:
    names = (
        "devices", "seconds", "shape", "per_session", "words", "pace_ms", "drop_every_s", "away_s", "stay_s",
        "stop_share", "slow_share",
    )  # fmt: skip
    storms = tuple(Storm(at_s=at) for at in options["storms"]) or None
    churn = fitted(PRESETS[options["preset"]], storms=storms, **{name: options[name] for name in names})
    if problems := tuple(_wrong(churn)):
        raise ConfigError("command line", problems)
    return churn


def _wrong(churn: Churn) -> Iterator[Problem]:
    for name in ("devices", "seconds", "per_session", "words"):
        if getattr(churn, name) <= 0:
            yield Problem(f"--{name.replace('_', '-')}", f"{getattr(churn, name)} is not above 0", "10")
    for name in ("stop_share", "slow_share"):
        if not 0 <= getattr(churn, name) <= 1:
            yield Problem(f"--{name.replace('_', '-')}", f"{getattr(churn, name)} is not between 0 and 1", "0.05")
    if churn.run_s + 1 > churn.seconds:
        what = f"an answer takes {churn.run_s:g} s, so none can end in {churn.seconds:g} s"
        yield Problem("--seconds", what, f"--seconds {churn.run_s * 3:.0f} (or fewer --words, or a smaller --pace-ms)")


def _spread(options: dict[str, Any]) -> Distribution:
    role = "master" if options["master"] else "worker" if options["worker"] else "alone"
    return Distribution(role, options["master_host"], options["master_port"], options["web"] or 0)


@contextmanager
def _served(name: str) -> Iterator[tuple[str, str]]:
    """A target file's path, or a built-in server, started, as TOML."""
    if name not in builtin.NAMES or Path(name).exists():
        load_target(Path(name), os.environ)
        yield name, ""
        return
    with asyncio.Runner() as runner:
        server = builtin.started(name)
        target = runner.run(server.__aenter__())
        try:
            yield "", builtin.toml(name, target.base_url)
        finally:
            runner.run(server.__aexit__(None, None, None))


def _reference(order: Order, result: LoadResult) -> LoadResult | None:
    """The same plan against the reference."""
    if result.partial:
        return None
    with _served(builtin.REFERENCE) as (_, toml):
        argv = ["durable-audit", "load", builtin.REFERENCE]
        return load(replace(order, target_file="", target_toml=toml), Distribution(), in_force((), ()), argv)


def _deliver(result: LoadResult, beside: LoadResult | None, before: LoadResult | None, options: dict[str, Any]) -> None:
    asked = {name: options[name] for name in ("html", "json", "junit", "markdown", "csv", "parquet")}
    for path in LoadOutputs(**asked).write(result, beside, before):
        click.echo(f"written: {path}", err=True)
    click.echo(say(result))
    code, reason = verdict(result)
    if reason:
        click.echo(reason, err=True)
    sys.exit(code)
