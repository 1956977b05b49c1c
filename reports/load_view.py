"""What the load report shows, worked out before any template."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from audit.finding import Verdict
from audit.load.outlook import Outlook
from audit.load.result import MEASURES, GateResult, LoadResult

from . import (
    load_compare,
    load_data,
    load_health,
    load_hooks,
    load_outlook,
    load_plots,
    load_rules,
    load_samples,
    load_scale,
    load_series,
    load_storms,
    load_words,
)
from .chapter import flat
from .load_compare import Comparison
from .load_health import Sign
from .load_hooks import Run
from .load_outlook import View
from .load_picture import Picture, picture
from .load_plots import Plot
from .load_rules import RuleFound
from .load_samples import Sample
from .load_storms import Storm
from .load_words import Outcome
from .text import count
from .verdicts import SYMBOLS

NO_WAY_BACK = "resume: unsupported"  # how the load counts it
_MOST_ROWS = 100  # of gates, errors and facts, whatever the result holds

# The keys of a churn plan (`audit.load.churn.Churn`) in words.
_PLAN = {
    "preset": "preset",
    "devices": "devices at the peak",
    "seconds": "seconds",
    "shape": "shape of arrivals",
    "per_session": "devices per session",
    "words": "words an answer",
    "pace_ms": "ms between two words",
    "think_s": "s between an answer and the next prompt",
    "drop_every_s": "s between two drops of a device, mean",
    "cuts": "drops by FIN, RST, silence (weights)",
    "away_s": "s until a device comes back, mean",
    "stay_s": "s until a device is replaced, mean (0: never)",
    "stop_share": "share of answers that are stopped",
    "steer_share": "share of answers that are steered",
    "deploys": "s at which the deploy hook is run",
    "slow_share": "share of devices that read slowly",
}
_STORM = "at {at_s} s, share {share}, away {away_s} s and up to {jitter_s} s more"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: what was demanded, what was measured, how it came out."""

    gate: str
    value: str
    verdict: Verdict
    word: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A number to be seen first."""

    label: str
    value: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot and its still picture."""

    plot: Plot
    picture: Picture


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the templates show. data: the JSON block for the script; empty when there is no chart."""

    title: str
    name: str
    result: LoadResult
    outcome: Outcome
    symbol: str
    first: str
    second: str
    ended: str
    asides: tuple[str, ...]
    tiles: tuple[Tile, ...]
    gates: tuple[Gate, ...]
    charts: tuple[Chart, ...]
    thinned: str
    alone: str
    calm: bool
    beside: tuple[str, ...]
    whiskers: bool
    poles: bool
    hooks: tuple[Run, ...]
    storms: tuple[Storm, ...]
    outlook: View | None
    rules: tuple[RuleFound, ...]
    comparison: Comparison
    health: tuple[Sign, ...]
    errors: tuple[tuple[str, int], ...]
    samples: tuple[Sample, ...]
    samples_left: int
    plan: tuple[tuple[str, str], ...]
    target: tuple[tuple[str, str], ...]
    means: tuple[tuple[str, str], ...]
    command: str
    data: str
    symbols: dict[str, str]


def page(
    result: LoadResult,
    reference: LoadResult | None = None,
    earlier: LoadResult | None = None,
    outlook: Outlook | None = None,
) -> Page:
    """Build the view of a run, alone or beside others."""
    told, series = load_words.outcome(result), load_series.series(result)
    others = [(label, run) for label, run in (("reference", reference), ("earlier", earlier)) if run and not run.void]
    plots = load_plots.plots(result, series, [(label, load_series.series(run)) for label, run in others])
    time, xs = load_scale.times(series.end_s), [point.middle_s for point in series.points]
    spans = load_storms.spans(result, series.end_s)
    flags = load_hooks.flags(result, series)
    name, (first, second) = load_words.name(result), load_words.sentences(result)
    return Page(
        title=f"Load report: {name}",
        name=name,
        result=result,
        outcome=told,
        symbol=SYMBOLS[told.verdict],
        first=first,
        second=second,
        ended=load_words.ended(result),
        asides=tuple(_asides(result, reference, earlier)),
        tiles=tuple(_tiles(result)),
        gates=gates(result),
        charts=tuple(Chart(plot, picture(plot, xs, time, spans, flags)) for plot in plots),
        thinned=load_plots.thinned(series),
        alone=load_plots.alone(result, series),
        calm=bool(plots) and not any(plot.kind == "marks" for plot in plots),
        beside=tuple(label for label, _ in others),
        whiskers=any(line.ranges for plot in plots for line in plot.lines),
        poles=any(not flag.text for flag in flags),
        hooks=load_hooks.runs(result, series),
        storms=load_storms.storms(result, outlook),
        outlook=load_outlook.view(outlook),
        rules=load_rules.found(result),
        comparison=load_compare.compare(result, reference, earlier),
        health=load_health.signs(result),
        errors=tuple(sorted(result.errors.items(), key=lambda error: (-error[1], error[0]))[:_MOST_ROWS]),
        samples=load_samples.samples(result),
        samples_left=load_samples.left_out(result),
        plan=tuple(islice(_plan(result), _MOST_ROWS)),
        target=tuple(islice(flat(result.target), _MOST_ROWS)),
        means=tuple((load_words.title(name), load_words.means(name)) for name in MEASURES),
        command=command(result),
        data=load_data.data(plots, series, time, spans, flags) if plots else "",
        symbols={verdict.value: symbol for verdict, symbol in SYMBOLS.items()},
    )


def _asides(result: LoadResult, reference: LoadResult | None, earlier: LoadResult | None) -> Iterator[str]:
    if unsupported := result.errors.get(NO_WAY_BACK):
        yield f"There is no way back: {count(unsupported, 'resume')} could not even be asked for."
    if assurance := load_words.assurance(result):
        yield assurance
    others = (("the reference's", reference), ("that of the earlier run", earlier))
    ratios = (
        f"{found} {whose}"
        for whose, other in others
        if other and not (result.void or other.void)
        if (found := load_compare.ratio(result.resume_delay_ms, other.resume_delay_ms))
    )
    if told := ", ".join(ratios):
        yield f"Resume delay, p95: {told}."


def gates(result: LoadResult) -> tuple[Gate, ...]:
    """The gates, the failed ones first, then what could not be judged."""
    found = sorted((_gate(result, gate) for gate in result.gates[:_MOST_ROWS]), key=lambda gate: _ORDER[gate.verdict])
    return tuple(found)


_ORDER = {verdict: place for place, verdict in enumerate(SYMBOLS)}


def _gate(result: LoadResult, gate: GateResult) -> Gate:
    verdict = load_words.gate_verdict(result, gate)
    word = "not judged (void)" if result.void else load_words.GATE_WORDS[verdict]
    return Gate(gate.gate, load_words.gate_value(gate), verdict, word)


def command(result: LoadResult) -> str:
    """The command that plays this plan again: as it was given, with the seed it took."""
    seeded = any(argument == "--seed" or argument.startswith("--seed=") for argument in result.argv)
    return shlex.join([*result.argv, *([] if seeded or not result.argv else ["--seed", str(result.seed)])])


def _tiles(result: LoadResult) -> Iterator[Tile]:
    counts = (("devices", result.devices), ("resumes", result.resumes), ("events verified", result.events))
    yield from (Tile(label, f"{number:,}", False) for label, number in counts)
    faults = (("lost", result.lost), ("repeated", result.repeated), ("out of order", result.reordered))
    yield from (Tile(label, f"{number:,}", number > 0) for label, number in faults)
    if result.unanswered:
        yield Tile("never let back in", f"{result.unanswered:,}", True)
    p95 = load_words.duration(result.resume_delay_ms.p95)
    ends = load_words.between(result.resume_delay_ms, "p95", p95.rpartition(" ")[2])
    yield Tile("resume delay, p95" + (f" ({ends})" if ends else ""), p95, False)


def _short(value: object) -> object:
    """Numbers without a needless `.0`."""
    return f"{value:g}" if isinstance(value, float) else value


def _plan(result: LoadResult) -> Iterator[tuple[str, str]]:
    """The plan as (what, value), storms in a line each."""
    yield "seed", str(result.seed)
    for path, value in flat({key: _short(value) for key, value in result.plan.items() if key != "storms"}):
        yield _PLAN.get(path, path), value
    storms = result.plan.get("storms")
    for number, storm in enumerate(storms if isinstance(storms, (list, tuple)) else (), 1):
        keys = ("at_s", "share", "away_s", "jitter_s")
        told = {key: _short(storm.get(key, "?")) if isinstance(storm, dict) else "?" for key in keys}
        yield f"storm {number}", _STORM.format(**told)
