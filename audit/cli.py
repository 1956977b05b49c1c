"""The command line: the one place where audit, scenarios, reports and the reference implementation meet.

Exit codes: 0 gates met · 1 a gate failed · 2 usage or configuration · 3 inconclusive · 4 stale baseline entry ·
70 internal · 130 interrupted.
"""

from __future__ import annotations

from . import guard

guard.check()

# ruff: noqa: E402  # our packages must be ours before anything is imported from them
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, ParamSpec, TypeVar

import click

from reports import terminal
from scenarios import SCENARIOS

from . import __version__, builtin, texts
from .agent_cli import agent_command
from .baseline import Held
from .baseline_cli import Baseline, baseline_command, baseline_option
from .campaign import Cost, Order, judge_again, profiles
from .capacity_cli import capacity_command
from .compare_cli import compare_command
from .errors import ConfigError, Problem
from .gates import Gates
from .load_cli import load_command
from .load_outputs import earlier
from .named_errors import EXIT_INTERRUPTED, named_errors
from .outputs import Outputs, by_suffix, console
from .replay_cli import replay_command
from .result import AuditResult
from .scenario import PROFILES, Scenario
from .selftest_cli import selftest_command
from .store import RunStore, load_result, load_run
from .storm_cli import storm_command
from .subject import Subject
from .target import Target
from .triage_cli import triage_command

ANYWHERE = click.Path(path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
P = ParamSpec("P")
R = TypeVar("R")

RUNS = Path("runs")
BUILTIN_JOBS = 24


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110, "obj": SCENARIOS})
@click.version_option(__version__, prog_name="durable-audit")
def main() -> None:
    """Audit AI chat and agent products: resilient delivery, continuity across surfaces, live control."""


def _outputs(command: Callable[P, R]) -> Callable[P, R]:
    asked = {"html": "the gap report", "json": "the result", "junit": "JUnit XML", "markdown": "a Markdown summary"}
    for name, what in asked.items():
        path = click.Path(dir_okay=False, path_type=Path)
        command = click.option(f"--{name}", type=path, help=f"Write {what} to this file.")(command)
    return command


@main.command()
@click.argument("target_file", metavar="TARGET")
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help=profiles())
@click.option("--scenario", "only", multiple=True, metavar="ID", help="Only this scenario; may be repeated.")
@click.option("--trial", type=click.IntRange(min=1), help="Only this trial of each scenario (a replay).")
@click.option(
    "--seed", type=click.IntRange(min=0), help="Same seed, same plan; by default a random one, which is shown."
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Trials at a time; default: [limits] jobs of the target.")
@click.option("--compare", multiple=True, metavar="NAME", help="Beside it: a built-in server, or a result.json.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit 1 when the mean score is lower.")
@click.option("--strict", is_flag=True, help="Exit 1 on any gap, and on anything that could not be proven.")
@click.option("--dry-run", is_flag=True, help="Show the plan and its cost, then stop.")
@click.option(
    "--allow-hooks", is_flag=True, help="Run the commands in [hooks] of the target file, which --dry-run shows."
)
@click.option("--runs", "root", type=FOLDER, default=RUNS, show_default=True, help="Where runs are kept.")
@baseline_option
@_outputs
@named_errors
def run(target_file: str, **options: Any) -> None:
    """Audit TARGET: a TOML file (docs/target-file.md), or a built-in server by its name."""
    subject, baseline = Subject.named(target_file), Baseline(options["baseline"], SCENARIOS)
    order = _order(options, subject.target).fitting(subject.declared())
    click.echo(texts.plan(subject.title, order, Cost.of(order)), err=True)
    if options["dry_run"]:
        click.echo("\n".join([texts.steps(order), *texts.hooks(subject.declared())]))
        return
    subject.afford(order)
    others = [Subject.named(name) for name in options["compare"] if not name.endswith(".json")]
    stored = [load_result(Path(name)) for name in options["compare"] if name.endswith(".json")]
    store, result = subject.audit(order, options["root"], SCENARIOS)
    compared = [] if result.partial else [other.audit(order, options["root"], SCENARIOS)[1] for other in others]
    result, held = baseline.held(store, result)
    results = [result, *compared, *stored]
    Outputs(html=store.path / "report.html").write(results)
    click.echo(f"\nrun: {store.path}\nreport: {store.path / 'report.html'}", err=True)
    _deliver(results, options, held)


@main.command()
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True, help=profiles())
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same plan.")
@click.option("--jobs", type=click.IntRange(1, 64), default=24, show_default=True, help="Trials at a time.")
@click.option("--out", type=FOLDER, default=Path("out/demo"), show_default=True, help="Where everything goes.")
@named_errors
def demo(profile: str, seed: int, jobs: int, out: Path) -> None:
    """Audit the usual wrong ways and the reference, and write one comparative gap report."""
    order, results = Order(SCENARIOS, profile, seed, jobs), []
    for name in builtin.DEMO:
        _, result = Subject.named(name).audit(order, out / "runs", SCENARIOS)
        Outputs(json=out / f"{name}.json").write([result])
        click.echo(texts.line(result))
        results.append(result)
        if result.partial:
            break
    Outputs(html=out / "report.html").write(results)
    click.echo(f"\nGap report: {out / 'report.html'}")
    sys.exit(EXIT_INTERRUPTED if results[-1].partial else 0)


@main.command()
@click.argument("path", metavar="RUN", type=ANYWHERE, default=RUNS / "latest")
@baseline_option
@_outputs
@named_errors
def check(path: Path, **options: Any) -> None:
    """Judge the stored histories of RUN (default: the latest) again, without a network, and write its result.json."""
    baseline = Baseline(options["baseline"], SCENARIOS)
    result, store = judge_again(path, SCENARIOS), RunStore(load_run(path).path)
    store.save_result(result)
    result, held = baseline.held(store, result)
    _deliver([result], options, held)


@main.command()
@click.argument("paths", metavar="RESULT...", nargs=-1, required=True, type=ANYWHERE)
@click.option("--load", "load_file", type=ANYWHERE, metavar="JSON", help="The result of a load on the first target.")
@click.option("-o", "--out", type=ANYWHERE, default=Path("report.html"), show_default=True, help=".html .md .xml .json")
@named_errors
def report(paths: tuple[Path, ...], out: Path, load_file: Path | None) -> None:
    """Render results (result.json, or the folder of a run), the first one as the target under audit."""
    results = [load_result(path / "result.json" if path.is_dir() else path) for path in paths]
    by_suffix(out).write(results, earlier(load_file) if load_file else None)
    click.echo(f"written: {out}")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(builtin.NAMES), default=builtin.REFERENCE)
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION OF THE SERVER]...")
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: any free one.")
@click.option("--storage", default="memory", show_default=True, help="Of the reference.")
@named_errors
def serve(name: str, port: int, storage: str, more: tuple[str, ...]) -> None:
    """Start a built-in server: the reference, or one of the usual wrong ways.

    Whatever else is given goes to the server; `python -m reference_impl --help` says what it knows.
    """
    click.echo(f"{name}: {builtin.lesson(name)}", err=True)
    command = [*builtin.command(name, port, storage), *more]
    if os.name == "posix":
        os.execv(command[0], command)  # whoever stops this process stops the server
    sys.exit(subprocess.call(command))


main.add_command(agent_command)
main.add_command(baseline_command)
main.add_command(compare_command)
main.add_command(replay_command)
main.add_command(load_command)
main.add_command(capacity_command)
main.add_command(storm_command)
main.add_command(triage_command)
main.add_command(selftest_command)


@main.command("list")
def list_() -> None:
    """What there is: scenarios, rules, protocols, faults, built-in servers."""
    click.echo(texts.catalogue(SCENARIOS, [(name, builtin.lesson(name)) for name in builtin.NAMES]))


@main.command()
@click.argument("name", metavar="RULE")
@named_errors
def explain(name: str) -> None:
    """What a rule demands and why, what users feel, the way out. Explains scenarios, too."""
    click.echo(texts.explain(name, SCENARIOS))


def _order(options: dict[str, Any], target: Target | None) -> Order:
    seed = options["seed"] if options["seed"] is not None else SystemRandom().randrange(1_000_000)
    jobs = options["jobs"] or (target.limits.jobs if target else BUILTIN_JOBS)
    chosen = _chosen(options["only"])
    return Order(chosen, options["profile"], seed, jobs, options["trial"], hooks=options["allow_hooks"])


def _chosen(only: tuple[str, ...]) -> tuple[Scenario, ...]:
    known = [scenario.id for scenario in SCENARIOS]
    unknown = [Problem("--scenario", texts.unknown(name, known), known[0]) for name in only if name not in known]
    if unknown:
        raise ConfigError("command line", tuple(unknown))
    return tuple(each for each in SCENARIOS if not only or each.id in only)


def _deliver(results: list[AuditResult], options: dict[str, Any], held: Held | None) -> None:
    """Write what was asked for, say how it went, leave with the gates' exit code."""
    asked = {name: options[name] for name in ("html", "json", "junit", "markdown")}
    for path in Outputs(**asked).write(results):
        click.echo(f"written: {path}", err=True)
    width, color = console()
    click.echo(terminal.summary(results[0], width, color))
    code, reason = Gates(options.get("fail_under"), bool(options.get("strict"))).judge(results[0], held)
    if reason:
        click.echo(reason, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
