"""`durable-audit storm`: a reconnect storm, simulated under the usual backoff policies. Nothing is connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .errors import ConfigError, Problem
from .named_errors import named_errors

if TYPE_CHECKING:
    from .load.storm import Advice

ABOVE_ZERO = click.FloatRange(0, min_open=True)


@click.command("storm", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--devices", type=click.IntRange(1, 100_000_000), default=100_000, show_default=True, help="Cut at once.")
@click.option("--rate", type=ABOVE_ZERO, default=2_000, show_default=True, help="Resumes that are answered a second.")
@click.option("--queue", type=click.IntRange(1), help="Resumes that may wait; default: one second's worth.")
@click.option("--timeout", type=ABOVE_ZERO, default=10, show_default=True, help="Of a device, seconds.")
@click.option("--peak", type=click.FloatRange(1), help="Most attempts a second; default: twice the rate.")
@click.option("--live", type=click.FloatRange(0, 1, max_open=True), default=0, help="Share that live streams take.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Same seed, same storm.")
@named_errors
def storm_command(
    devices: int, rate: float, queue: int | None, timeout: float, peak: float | None, live: float, seed: int
) -> None:
    """Simulate a reconnect storm, and recommend `retry` and jitter. A model: `durable-audit load --storm` measures."""
    try:
        from .load.backoff import KINDS  # noqa: PLC0415  # numpy: slow to import, and not everybody has it
        from .load.stampede import Stampede, simulate  # noqa: PLC0415
        from .load.storm import recommend, table, usual  # noqa: PLC0415
    except ImportError:
        raise ConfigError("storm", (Problem("numpy", "is not installed", "pip install numpy"),)) from None
    stampede = Stampede(devices, rate, queue or max(1, round(rate)), timeout, live=live)
    click.echo(table(stampede, [(each, simulate(stampede, each, seed)) for each in usual(stampede)]))
    bound = peak or 2 * rate
    for who, kinds in (("all", KINDS), ("those that need no help from the server", KINDS[:-1])):
        advice = recommend(stampede, bound, kinds, seed=seed)
        click.echo(f"\nBest of {who}, with at most {bound:,.10g} attempts a second: {_advised(advice)}")
    click.echo("\nA simulation, not a measurement; docs/load.md says how far to trust it.")


def _advised(advice: Advice | None) -> str:
    if advice is None:
        return "nothing that was tried keeps this bound"
    return f"{advice.backoff}\n  gain: {advice.gain}\n  cost: {advice.cost}"
