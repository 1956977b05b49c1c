"""The capacity report: one self-contained HTML file, built and protected like the load report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from audit.finding import Verdict
from audit.load.capacity_result import CapacityModel, CapacityResult, Estimate, Rung

from . import capacity_words, figures, html, load_data, load_words
from .capacity_plots import Charts, charts
from .chapter import flat
from .load import script, style
from .load_picture import picture
from .load_view import Chart
from .verdicts import SYMBOLS

_MOST_ROWS = 100
_WIDEST = 100  # times the estimate: an interval that reaches further says nothing
_ENDED = {"held": Verdict.PASS, "broke": Verdict.GAP, "void": Verdict.INCONCLUSIVE, "interrupted": Verdict.INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the table. ends: where a delay lies, empty for other cells."""

    cells: tuple[str, ...]
    ends: tuple[str, ...]
    verdict: Verdict
    word: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template shows. model: (what, estimate, meaning). data: for the script; empty without charts."""

    name: str
    result: CapacityResult
    verdict: Verdict
    symbol: str
    headline: str
    bend: str
    need: str
    rows: tuple[Row, ...]
    charts: tuple[Chart, ...]
    model: tuple[tuple[str, str, str], ...]
    plan: tuple[tuple[str, str], ...]
    target: tuple[tuple[str, str], ...]
    data: str
    symbols: dict[str, str]


def render(result: CapacityResult) -> str:
    """The report of a capacity run. Same input, same text."""
    css, js = style(), script()
    return (
        html.environment()
        .get_template("capacity.html.j2")
        .render(page=page(result), css=css, js=js, style_hash=html.fingerprint(css), script_hash=html.fingerprint(js))
    )


def page(result: CapacityResult) -> Page:
    """Build the view of a capacity run."""
    found, ended = charts(result), _ENDED.get(result.ended, Verdict.INCONCLUSIVE)
    return Page(
        name=capacity_words.name(result),
        result=result,
        verdict=ended,
        symbol=SYMBOLS[ended],
        headline=capacity_words.headline(result),
        bend=capacity_words.bend(result),
        need=capacity_words.need(result),
        rows=tuple(map(_row, result.rungs[:_MOST_ROWS])),
        charts=tuple(_drawn(found)) if found else (),
        model=tuple(_model(result.model)) if result.model else (),
        plan=tuple(islice(flat(result.plan), _MOST_ROWS)),
        target=tuple(islice(flat(result.target), _MOST_ROWS)),
        data=load_data.block(found.plots, found.places, found.names, found.axis, found.spans) if found else "",
        symbols={verdict.value: symbol for verdict, symbol in SYMBOLS.items()},
    )


def _drawn(found: Charts) -> Iterator[Chart]:
    for plot in found.plots:
        yield Chart(plot, picture(plot, found.places, found.axis, found.spans))


def _row(rung: Rung) -> Row:
    verdict, word = capacity_words.outcome(rung)
    measured = (rung.item_delay_ms, rung.resume_delay_ms)
    delays = tuple(load_words.duration(each.p95) for each in measured)
    units = (shown.rpartition(" ")[2] for shown in delays)
    ends = (load_words.between(each, "p95", unit) for each, unit in zip(measured, units, strict=True))
    cells = (f"{rung.devices:,}", figures.number(rung.words_per_s), *delays, f"{rung.resumes:,}", f"{rung.refused:,}",
             f"{rung.lost:,}", figures.amount(rung.cpu_share, "share"))  # fmt: skip
    return Row(cells, ("", "", *ends, "", "", "", ""), verdict, word)


def _model(model: CapacityModel) -> Iterator[tuple[str, str, str]]:
    yield "Rate λ", _estimate(model.rate), "words a second of one device alone"
    yield "Contention σ", _estimate(model.contention), "the share of the work that is done in single file"
    yield "Crosstalk κ", _estimate(model.crosstalk), "what every device costs every other"
    peak = "none in sight" if model.peak is None else f"{model.peak:,.0f} devices"
    yield "Peak", peak, "beyond it more devices get less, all together"
    yield "Comfortable", f"{_estimate(model.comfortable)} devices", "70 % of the peak, never more than held"
    yield "R²", f"{model.r2:.3f}", "how much of the variance of the throughput the curve explains"


def _estimate(found: Estimate) -> str:
    if found.high > _WIDEST * max(found.value, found.low) > 0:
        return f"{found.value:,.4g} (95 %: the steps are too few to say)"
    return f"{found.value:,.4g} (95 %: {found.low:,.4g} to {found.high:,.4g})"
