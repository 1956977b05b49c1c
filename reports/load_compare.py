"""Runs side by side: this one, the reference under the same plan, an earlier one. Delays as bars, counts as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.load.result import LoadResult, Quantiles

from . import figures, load_words
from .load_bars import Bar, Ruler, ruler
from .load_series import NONE
from .text import visible

THIS = "this run"
_SAME = 0.05  # what two runs of one thing differ by anyway
_COUNTS = (
    ("devices", "Devices"),
    ("sessions", "Sessions"),
    ("events", "Events verified"),
    ("prompts", "Prompts"),
    ("resumes", "Resumes"),
    ("refused", "Resumes refused"),
    ("replayed", "Words sent again, dropped by the documented de-duplication"),
)


@dataclass(frozen=True, slots=True)
class Delay:
    """One measure of one run. ends: where the quantile of each cell lies, empty where that is not known. ratio: this
    run's p95 by its; empty for this run itself."""

    run: str
    own: bool
    cells: tuple[str, ...]
    ends: tuple[str, ...]
    bar: Bar | None
    ratio: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of every run that has it. means: what it counts from and to."""

    title: str
    means: str
    rows: tuple[Delay, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One number of every run. bad: of this run, it should be 0 and is not."""

    label: str
    cells: tuple[str, ...]
    bad: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """names: of the runs, this one first. warnings: why they do not compare as they stand."""

    names: tuple[str, ...]
    ruler: Ruler
    measures: tuple[Measure, ...]
    counts: tuple[Count, ...]
    faults: tuple[Count, ...]
    warnings: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Is there anything to compare with?"""
        return len(self.names) > 1


def compare(result: LoadResult, reference: LoadResult | None, earlier: LoadResult | None) -> Comparison:
    """This run alone or beside others."""
    others = [(label, run) for label, run in (("reference", reference), ("earlier run", earlier)) if run is not None]
    runs = [(THIS, result), *others]
    known = list(_measures([run for _, run in runs]))
    scale = ruler(run.measures[name] for _, run in runs for name in known if name in run.measures)
    return Comparison(
        names=tuple(label for label, _ in runs),
        ruler=scale,
        measures=tuple(_measure(name, runs, scale) for name in known),
        counts=tuple(_count(label, [getattr(run, key) for _, run in runs]) for key, label in _COUNTS),
        faults=tuple(_fault(at, [run for _, run in runs]) for at in range(len(load_words.faults(result)))),
        warnings=tuple(_warnings(result, others)),
    )


def ratio(own: Quantiles, other: Quantiles) -> str:
    """Of the p95 of two: `3.2×`, `0.5×`, `about 1×`; `1.3×, or chance` when both may be the same; empty when either is
    not known."""
    if own.p95 is None or other.p95 is None or other.p95 <= 0:
        return ""
    found = own.p95 / other.p95
    if abs(found - 1) <= _SAME:
        return "about 1×"
    return f"{figures.number(float(f'{found:.2g}'))}×" + (", or chance" if _overlap(own, other) else "")


def _overlap(own: Quantiles, other: Quantiles) -> bool:
    """Do the intervals of both overlap?"""
    one, two = (load_words.interval(found, "p95") for found in (own, other))
    return one is not None and two is not None and one[0] <= two[1] and two[0] <= one[1]


def _measures(runs: Sequence[LoadResult]) -> dict[str, None]:
    return dict.fromkeys(name for run in runs for name, _ in load_words.measures(run))


def _measure(name: str, runs: Sequence[tuple[str, LoadResult]], scale: Ruler) -> Measure:
    own = runs[0][1].measures.get(name, NONE)
    rows = tuple(_delay(label, run.measures.get(name, NONE), own, scale) for label, run in runs)
    return Measure(load_words.title(name), load_words.means(name), rows)


def _delay(label: str, found: Quantiles, own: Quantiles, scale: Ruler) -> Delay:
    shown = (found.p50, found.p95, found.p99, found.mean, found.max)
    return Delay(
        run=label,
        own=label == THIS,
        cells=(f"{found.count:,}", *map(load_words.number, shown)),
        ends=("", *(load_words.between(found, share) for share in ("p50", "p95", "p99")), "", ""),
        bar=scale.bar(found),
        ratio="" if label == THIS else ratio(own, found),
    )


def _count(label: str, numbers: Sequence[int], must_be_zero: bool = False) -> Count:
    return Count(label, tuple(f"{number:,}" for number in numbers), must_be_zero and numbers[0] > 0)


def _fault(at: int, runs: Sequence[LoadResult]) -> Count:
    found = [load_words.faults(run)[at] for run in runs]
    return _count(found[0].label, [fault.number for fault in found], must_be_zero=True)


def _warnings(result: LoadResult, others: Sequence[tuple[str, LoadResult]]) -> Iterator[str]:
    for label, other in others:
        if changed := _changed(result.plan, other.plan):
            yield f"The {label} had another plan ({changed}), so it compares only roughly."
        elif result.seed != other.seed:
            yield f"The {label} had another seed ({other.seed}): the same kind of crowd, at other instants."
        if other.void:
            yield f"The {label} is void, so it proves nothing: {other.void}"
        if other.partial:
            yield f"The {label} is not complete: {other.partial}"


def _changed(plan: dict[str, object], other: dict[str, object]) -> str:
    keys = [key for key in {**plan, **other} if plan.get(key) != other.get(key)]
    told = [f"{key} {_short(plan.get(key))} here, {_short(other.get(key))} there" for key in keys[:3]]
    return ", ".join(told) + (", …" if len(keys) > 3 else "")


def _short(value: object) -> str:
    return visible("none" if value is None else value, 40)
