"""The simulation of reconnect storms held to storms that were measured: `python -m benchmarks.storms`.

Every crowd is cut at once from the built-in reference server, in memory, on this machine, and comes back over several
spreads. The storm without a spread tells the service rate of the crowd; from it the model foretells the others. The
smallest crowd also foretells the largest, with and without what live streams take: that is where the model is weakest.
Writes out/bench/storms.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from audit import builtin
from audit.load.alone import run_alone
from audit.load.churn import Churn, Storm
from audit.load.commands import ANSWER_S
from audit.load.report_of import load_result
from audit.load.result import LoadResult, Quantiles, StormResult
from audit.load.service import Service, best_known, service
from audit.load.stampede import Stampede, left_for_resumes, simulate
from audit.load.storm import as_planned, compare
from audit.target_reading import load_target

from .processor import Watch

OUT = Path("out/bench/storms.json")
CROWDS = (1_000, 2_500, 5_000)
SPREADS = (0.0, 0.5, 2.0)
AT_S, AFTER_S = 10.0, 10.0
OTHERS = 0.3  # cores: a machine that is busy with something else measures that


@dataclass(frozen=True, slots=True)
class Run:
    """One measured storm. live: the share of a core that the server took before it; others: cores that other
    processes took meanwhile; void: why it proves nothing."""

    devices: int
    spread_s: float
    recovered_s: float | None
    refused: int
    lost: int
    live: float
    others: float
    void: str
    rate: Service | None


@dataclass(frozen=True, slots=True)
class Row:
    """One measured storm beside what the model says, with the rate it was told and where that came from."""

    devices: int
    spread_s: float
    rate: int
    rate_from: str
    live: float
    measured_s: float | None
    modelled_s: float | None
    ratio: float | None
    agree: bool


def main() -> None:
    """Measure, compare, print a line for each storm, write the JSON."""
    options = _options()
    runs = [
        _told(measured(devices, spread, options.seed + turn))
        for turn in range(options.turns)
        for devices in options.devices
        for spread in SPREADS
    ]
    rows = [*foretold(runs), *scaled(runs)]
    for row in rows:
        print(f"{row.devices:>6,} devices, spread {row.spread_s:g} s: measured {row.measured_s} s, modelled "
              f"{row.modelled_s} s, {'agrees' if row.agree else 'disagrees'} "
              f"({row.rate:,}/s, {row.rate_from})")  # fmt: skip
    OUT.parent.mkdir(parents=True, exist_ok=True)
    found = {"runs": [asdict(run) for run in runs], "rows": [asdict(row) for row in rows]}
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measured(devices: int, spread_s: float, seed: int) -> Run:
    """Cut a crowd of this size that comes back over this spread."""
    storm = Storm(AT_S, 1.0, 0.5, spread_s)
    churn = Churn(devices=devices, seconds=AT_S + AFTER_S, words=25, pace_ms=200.0, think_s=1.0, drop_every_s=0.0,
                  stop_share=0.0, storms=(storm,))  # fmt: skip
    with _reference() as (process, url):
        target = load_target(builtin.toml(builtin.REFERENCE, url), {})
        watch = Watch(process.pid, (AT_S - 4.0, AT_S - 0.5), (AT_S, AT_S + 4.0))
        result: LoadResult = load_result(run_alone(target, churn, seed), churn, target, (), seed, "")
        watch.wait()
    found = result.storms[0]
    busy = f"others took {watch.others:.2f} cores meanwhile" if watch.others > OTHERS else ""
    return Run(devices, spread_s, found.recovered_s, found.refused, result.lost, watch.live, watch.others,
               result.void or busy, service(found, storm))  # fmt: skip


def foretold(runs: Sequence[Run]) -> Iterator[Row]:
    """Each storm with a spread, from the rate that the same crowd showed without one."""
    for devices in dict.fromkeys(run.devices for run in runs):
        same = [run for run in runs if run.devices == devices and not run.void]
        rate = best_known(run.rate for run in same if run.rate and not run.spread_s)
        for run in same:
            if rate and run.spread_s:
                yield _row(run, rate.rate, 0.0, "same crowd, no spread")


def scaled(runs: Sequence[Run]) -> Iterator[Row]:
    """The larger crowds without a spread from the smallest one, without and with what their live streams take."""
    sound = [run for run in runs if not run.void and not run.spread_s and run.rate]
    if not sound:
        return
    smallest = min(sound, key=lambda run: run.devices)
    assert smallest.rate is not None
    idle = smallest.rate.rate / left_for_resumes(smallest.live)
    for run in sound:
        if run.devices > smallest.devices:
            yield _row(run, smallest.rate.rate, 0.0, f"{smallest.devices:,} devices")
            yield _row(run, idle, min(run.live, 0.95), f"{smallest.devices:,} devices, less live streams")


def _row(run: Run, rate: float, live: float, rate_from: str) -> Row:
    devices, backoff = as_planned(Storm(AT_S, 1.0, 0.5, run.spread_s), run.devices)
    model = simulate(Stampede(devices, rate, devices, ANSWER_S, live=live), backoff)
    found = compare(_storm(run), model)
    return Row(devices, run.spread_s, round(rate), rate_from, round(live, 3), run.recovered_s, found.modelled_s,
               None if found.ratio is None else round(found.ratio, 2), found.agree)  # fmt: skip


def _storm(run: Run) -> StormResult:
    nothing = Quantiles(0, None, None, None, None, None)
    return StormResult(AT_S, run.devices, run.recovered_s, run.refused, nothing)


@contextmanager
def _reference() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = builtin.command(builtin.REFERENCE, 0)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().partition("listening on ")[2].strip()
        finally:
            process.terminate()


def _told(run: Run) -> Run:
    back = "never" if run.recovered_s is None else f"{run.recovered_s:.2f} s"
    rate = "" if run.rate is None else f", {run.rate}"
    print(f"{run.devices:,} devices, spread {run.spread_s:g} s: 99 % back after {back}{rate}; the server took "
          f"{run.live:.0%} of a core before{f'; VOID: {run.void}' if run.void else ''}", file=sys.stderr)  # fmt: skip
    return run


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storms", description=__doc__)
    parser.add_argument("--devices", type=int, nargs="+", default=CROWDS, help="crowds")
    parser.add_argument("--turns", type=int, default=1, help="how often all of them are measured")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
