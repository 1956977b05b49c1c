"""`durable-audit selftest`: audits the reference with one planted defect after another, and as it is.

How much the audit can be trusted becomes two figures: the share of planted defects that it finds, and the share of
clean audits in which it accuses somebody.
"""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from reference_impl.mutants import MUTANTS
from scenarios import SCENARIOS

from . import __version__
from .campaign import now
from .checks import RULES
from .errors import ConfigError, Problem
from .named_errors import named_errors
from .runner import versions
from .selftest.case import Case, Mutant, Seen, cases
from .selftest.crew import crew
from .selftest.export import Circumstances
from .selftest.figures import Power, power
from .selftest_outputs import SelftestOutputs, outcome, say

FILE = click.Path(dir_okay=False, path_type=Path)
CLEAN_RUNS = {"quick": 3, "standard": 5}
WORKERS = os.cpu_count() or 1
JOBS = 24
CAPABILITIES = {rule.id: rule.capability for rule in RULES}
PLANTED = tuple(
    Mutant(each.id, each.title, each.rows, each.trips.rules, each.trips.may, each.policy)
    for each in MUTANTS
    if each.trips.rules
)


@click.command("selftest", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", type=click.Choice(list(CLEAN_RUNS)), default="quick", show_default=True, help="Of each.")
@click.option("--clean", type=click.IntRange(0), help="Audits of the reference as it is; default: 3, standard 5.")
@click.option("--clean-only", is_flag=True, help="No mutant: only how often the innocent are accused.")
@click.option("--only", multiple=True, metavar="MUTANT", help="Only this mutant; may be repeated.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Same seed, same plan.")
@click.option("--workers", type=click.IntRange(1, 64), default=WORKERS, help="Audits at a time; default: one a core.")
@click.option("--jobs", type=click.IntRange(1, 64), default=JOBS, show_default=True, help="Trials at a time in each.")
@click.option("--json", type=FILE, help="Write everything to this file.")
@click.option("--html", type=FILE, help="Write the matrix to this file.")
@click.option("--markdown", type=FILE, help="Write a Markdown summary to this file.")
@click.option("--figures", type=FILE, help="Write the figures alone to this file: those of a release.")
@named_errors
def selftest_command(**options: Any) -> None:
    """Plant defects in the reference, one at a time, and see whether the audit finds them and accuses nobody else."""
    mutants = () if options["clean_only"] else _chosen(options["only"])
    clean = CLEAN_RUNS[options["profile"]] if options["clean"] is None else options["clean"]
    plan = {"profile": options["profile"], "seed": options["seed"], "jobs": options["jobs"]}
    planned = cases(mutants, SCENARIOS, clean=clean, **plan)
    click.echo(f"selftest: {len(mutants)} mutants and {clean} clean audits, {options['workers']} at a time", err=True)
    created, begun = now(), time.monotonic()
    told, interrupted = _played(planned, options["workers"])
    found = power(told, mutants, CAPABILITIES, len(planned), interrupted)
    how = Circumstances(
        created=created,
        argv=("durable-audit", *sys.argv[1:]),
        **plan,
        workers=options["workers"],
        versions=versions() | {"tool": __version__},
        machine=f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores",
        wall_s=time.monotonic() - begun,
        cpu_s=sum(seen.cpu_s for _, seen in told),
    )
    _deliver(found, how, options)


def _chosen(only: Sequence[str]) -> tuple[Mutant, ...]:
    known = [each.id for each in PLANTED]
    problems = [Problem("--only", _unknown(name, known), known[0]) for name in only if name not in known]
    if problems:
        raise ConfigError("command line", tuple(problems))
    return tuple(each for each in PLANTED if not only or each.id in only)


def _unknown(name: str, known: Sequence[str]) -> str:
    if any(each.id == name for each in MUTANTS):
        return f"{name!r} shows under load only: no rule of an audit is to notice it"
    close = get_close_matches(name, known, 1)
    return f"there is no mutant {name!r}" + (f"; did you mean {close[0]!r}?" if close else "")


def _played(planned: Sequence[Case], workers: int) -> tuple[list[tuple[Case, Seen]], bool]:
    """What came of the cases, in the order in which they ended; was it interrupted?"""
    told: list[tuple[Case, Seen]] = []

    def tell(case: Case, seen: Seen) -> None:
        told.append((case, seen))
        click.echo(f"[{len(told)} of {len(planned)}] {outcome(case, seen)}", err=True)

    try:
        asyncio.run(_terminable(planned, workers, tell))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return told, True
    return told, False


async def _terminable(planned: Sequence[Case], workers: int, tell: Any) -> None:
    """SIGTERM ends it as Ctrl-C does: what there is, is kept, and no server stays behind."""
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await crew(planned, workers, tell)


def _deliver(found: Power, how: Circumstances, options: dict[str, Any]) -> None:
    """Write what was asked for, say how it went, leave with the exit code."""
    asked = {name: options[name] for name in ("json", "html", "markdown", "figures")}
    for path in SelftestOutputs(**asked).write(found, how):
        click.echo(f"written: {path}", err=True)
    click.echo(say(found, how))
    code, reason = found.verdict()
    click.echo(reason, err=True)
    sys.exit(code)
