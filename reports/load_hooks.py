"""Hooks that were run while the load went on, such as a deploy: when, how they ended, what devices felt meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from audit.finding import Verdict
from audit.load.result import HookResult, LoadResult

from . import load_scale, load_words
from .load_plots import stretch
from .load_series import NONE, Point, Series
from .text import count, visible

MOST = 12
LINES = 12  # of what each said, the last
_LINE = 180  # characters
_NAME = 24
_PUNCTUAL_S = 0.5  # later than this is worth saying


@dataclass(frozen=True, slots=True)
class Flag:
    """An instant that is marked on every chart. text: empty for the end of the plan; tone: a color token."""

    at_s: float
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a hook. came: what came of it, in words; felt: what devices felt in the stretch in which it began,
    empty where nothing was measured; said: the last lines; before: how many more there were, in words."""

    key: str
    title: str
    came: str
    felt: str
    verdict: Verdict
    word: str
    said: tuple[str, ...]
    before: str


def runs(result: LoadResult, series: Series) -> tuple[Run, ...]:
    """The first MOST of them, in order of time."""
    return tuple(_run(number, hook, result, series) for number, hook in enumerate(_ordered(result)[:MOST], 1))


def sentences(result: LoadResult) -> tuple[str, ...]:
    """The first MOST of them in words, for reports without pictures."""
    return tuple(f"{_title(hook, result)}: {_came(hook)}." for hook in _ordered(result)[:MOST])


def flags(result: LoadResult, series: Series) -> tuple[Flag, ...]:
    """Where each began, and where the plan was over when devices still had something to come."""
    known = [
        Flag(hook.began_s, visible(hook.name, _NAME), "ink" if hook.exit_code == 0 else "gap")
        for hook in _ordered(result)[:MOST]
        if 0 <= hook.began_s <= series.end_s
    ]
    if not result.interrupted and any(point.after for point in series.points):
        known.append(Flag(result.seconds, "", "muted"))
    return tuple(sorted(known, key=lambda flag: flag.at_s))


def _ordered(result: LoadResult) -> Sequence[HookResult]:
    sound = (hook for hook in result.hooks if isfinite(hook.began_s) and isfinite(hook.took_s))
    return sorted(sound, key=lambda hook: hook.began_s)


def _run(number: int, hook: HookResult, result: LoadResult, series: Series) -> Run:
    came, lines = _came(hook), hook.output.strip().splitlines()
    more = len(lines) - LINES
    return Run(
        key=f"hook{number}",
        title=_title(hook, result),
        came=f"{came[:1].upper()}{came[1:]}.",
        felt=_felt(hook, result, series),
        verdict=Verdict.PASS if hook.exit_code == 0 else Verdict.GAP,
        word=_ended(hook),
        said=tuple(visible(line.rstrip(), _LINE) for line in lines[-LINES:]),
        before=f"{count(more, 'earlier line')} in the JSON result" if more > 0 else "",
    )


def _title(hook: HookResult, result: LoadResult) -> str:
    return f"At {load_scale.clock(hook.began_s, result.seconds)}: the {visible(hook.name, _NAME)} hook"


def _came(hook: HookResult) -> str:
    took = f"after {load_words.duration(hook.took_s * 1e3)}"
    late = hook.began_s - hook.at_s
    behind = f"; it began {load_words.duration(late * 1e3)} late" if late > _PUNCTUAL_S else ""
    if hook.exit_code is None:
        return f"it had not returned {took} and was given up{behind}"
    return f"it returned {took} with {_ended(hook)}{behind}"


def _ended(hook: HookResult) -> str:
    return "given up" if hook.exit_code is None else f"exit code {hook.exit_code}"


def _felt(hook: HookResult, result: LoadResult, series: Series) -> str:
    point = next((one for one in series.points if one.window.at_s <= hook.began_s < one.until_s), None)
    return f"From {stretch(point, series.end_s)}: {', '.join(_told(point, result))}." if point else ""


def _told(point: Point, result: LoadResult) -> Iterator[str]:
    window = point.window
    yield f"{count(window.resumes, 'resume')}, {window.refused:,} refused"
    yield f"{count(window.lost, 'word')} lost"
    for measure in ("resume_delay", "item_delay"):
        found, whole = point.measure(measure), result.measures.get(measure, NONE)
        if found.p95 is not None and whole.p95 is not None:
            here, all_of_it = (load_words.sure_duration(one, "p95") for one in (found, whole))
            yield f"{load_words.title(measure).lower()} {here} at p95 (whole run: {all_of_it})"
