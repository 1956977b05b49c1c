"""`durable-audit load`: many devices under churn, every word verified."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from . import builtin
from .grouped_help import GroupedCommand
from .load.campaign import load
from .load.drive import Distribution
from .load.gates import in_force, verdict
from .load.order import Order
from .load.result import LoadResult
from .load_options import OUTPUTS, gate_options, output_options, plan_options, run_options, safety_options
from .load_outputs import LoadOutputs, say
from .load_request import Request, requested
from .named_errors import named_errors


@click.command(
    "load",
    cls=GroupedCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="What is not given of the plan is the preset's. All of it: docs/load.md.",
)
@click.argument("name", metavar="TARGET")
@plan_options
@run_options
@gate_options
@output_options
@safety_options
@named_errors
def load_command(name: str, **options: Any) -> None:
    """Put TARGET (a target file, or a built-in server by its name) under load, verifying every word."""
    request = requested(name, options)
    if request.cost is not None:
        click.echo(request.plan(), err=True)
    request.insist(only_shown=options["dry_run"])
    if options["dry_run"]:
        return
    with served(request.builtin) as toml:
        order = Order("" if toml else name, toml, request.churn, request.seed, request.processes, request.clock)
        result = load(order, request.spread, request.gates, ["durable-audit", *sys.argv[1:]])
    if result is not None:
        beside = _reference(order, result) if options["compare"] == builtin.REFERENCE else None
        _deliver(request, result, beside, LoadOutputs(**{key: options[key] for key in OUTPUTS}))


@contextmanager
def served(name: str) -> Iterator[str]:
    """A built-in server while the block lasts: the TOML of its target file; nothing without a name."""
    if not name:
        yield ""
        return
    with asyncio.Runner() as runner:
        server = builtin.started(name, bare=True)
        target = runner.run(server.__aenter__())
        try:
            yield builtin.toml(name, target.base_url)
        finally:
            runner.run(server.__aexit__(None, None, None))


def _reference(order: Order, result: LoadResult) -> LoadResult | None:
    """The same plan against the reference, but for deploys: it has none."""
    if result.partial:
        return None
    with served(builtin.REFERENCE) as toml:
        argv = ["durable-audit", "load", builtin.REFERENCE]
        same = replace(order, target_file="", target_toml=toml, churn=replace(order.churn, deploys=()))
        return load(same, Distribution(), in_force((), ()), argv)


def _deliver(request: Request, result: LoadResult, beside: LoadResult | None, outputs: LoadOutputs) -> None:
    for path in outputs.write(result, beside, request.before):
        click.echo(f"written: {path}", err=True)
    click.echo(say(result))
    code, reason = verdict(result)
    if reason:
        click.echo(reason, err=True)
    sys.exit(code)
