"""`known-gaps.toml`: the gaps somebody answers for, read strictly and drafted from a result (docs/baselines.md)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .baseline import ANYWHERE, Where
from .errors import ConfigError, HistoryError, Problem
from .files import read_bounded
from .finding import Verdict
from .result import AuditResult, Judgment, KnownGap

MAX_BYTES = 1 << 20
EXPIRES_AFTER = timedelta(days=90)  # of a draft: long enough to plan a remedy, short enough to be looked at again
KEYS = ("rule", "scenario", "reason", "owner", "expires")
_EXAMPLES = {
    "rule": 'rule = "loss"',
    "scenario": 'scenario = "network-drop", or "*" for all of them',
    "reason": 'reason = "Moves with the new gateway, CHAT-412"',
    "owner": 'owner = "chat-platform"',
    "expires": "expires = 2027-03-31",
}
_HEAD = """\
# Gaps that are known. They do not fail an audit with --baseline, but still count in its scores. Fill in reason and
# owner of each: without them the file is refused. When a gap is closed, its entry has to go.
"""


def load_baseline(path: Path, where: Where, today: date) -> tuple[KnownGap, ...]:
    """The entries of a file; ConfigError lists everything that is wrong with it.

    where: rule id → the scenarios that judge it, of this version. today: an entry holds to the end of its last day.
    """
    try:
        text = read_bounded(path, MAX_BYTES, "a baseline")
    except HistoryError as error:  # somebody's input here, not something of ours that was damaged
        raise ConfigError(str(path), (Problem("file", str(error).removeprefix(f"{path}: ")),)) from None
    return parse_baseline(text, str(path), where, today)


def parse_baseline(text: str, name: str, where: Where, today: date) -> tuple[KnownGap, ...]:
    """The entries of a baseline's text; see `load_baseline`."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(name, (Problem("file", f"is not TOML ({error})"),)) from None
    rows = document.get("gap", [])
    problems = [
        Problem(_short(key), "unknown key; a baseline is a list of [[gap]]") for key in document if key != "gap"
    ]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(name, (*problems, Problem("gap", "must be a list of tables", "[[gap]]")))
    for number, row in enumerate(rows):
        problems += _problems(row, f"gap[{number}]", where, today)
    problems += _repeats(rows)
    if problems:
        raise ConfigError(name, tuple(problems))
    return tuple(KnownGap(*(str(row[key]) for key in KEYS)) for row in rows)


def dump_baseline(result: AuditResult, today: date) -> str:
    """A draft with every gap of a result; reason and owner are left to people."""
    expires = today + EXPIRES_AFTER
    gaps = [found for found in result.findings if found.verdict is Verdict.GAP]
    return "\n".join([_HEAD, *(_entry(found, expires) for found in gaps)])


def _entry(found: Judgment, expires: date) -> str:
    seen = f"{found.gaps} of {found.trials} trials"
    return f"""\
[[gap]]  # {seen}
rule = {_string(found.rule)}
scenario = {_string(found.scenario)}
reason = ""
owner = ""
expires = {expires.isoformat()}
"""


def _string(text: str) -> str:
    """A basic string of TOML: JSON's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _problems(row: dict[str, Any], place: str, where: Where, today: date) -> Iterator[Problem]:
    for key in row:
        if key not in KEYS:
            yield Problem(f"{place}.{_short(key)}", f"unknown key; known here: {', '.join(KEYS)}")
    for key in KEYS[:-1]:
        told = row.get(key)
        if not isinstance(told, str) or not told.strip():
            yield Problem(f"{place}.{key}", _absent(key, told), _EXAMPLES[key])
    yield from _names(row, place, where)
    yield from _expiry(row.get("expires"), f"{place}.expires", today)


def _absent(key: str, told: object) -> str:
    if told is None:
        return "is missing"
    if not isinstance(told, str):
        return "must be a text"
    return "is blank" if key in ("rule", "scenario") else "is blank; a gap that is accepted needs somebody to say so"


def _names(row: dict[str, Any], place: str, where: Where) -> Iterator[Problem]:
    rule, scenario = row.get("rule"), row.get("scenario")
    scenarios = list(dict.fromkeys(id for ids in where.values() for id in ids))
    if isinstance(rule, str) and rule.strip() and rule not in where:
        yield Problem(f"{place}.rule", _unknown(rule, list(where)), _EXAMPLES["rule"])
    if not isinstance(scenario, str) or not scenario.strip() or scenario == ANYWHERE:
        return
    if scenario not in scenarios:
        yield Problem(f"{place}.scenario", _unknown(scenario, scenarios), _EXAMPLES["scenario"])
    elif isinstance(rule, str) and rule in where and scenario not in where[rule]:
        what = f"{scenario!r} does not judge {rule!r}; these do: {', '.join(where[rule])}"
        yield Problem(f"{place}.scenario", what, _EXAMPLES["scenario"])


def _expiry(told: object, place: str, today: date) -> Iterator[Problem]:
    day = _day(told)
    if told is None:
        yield Problem(place, "is missing", _EXAMPLES["expires"])
    elif day is None:
        yield Problem(place, "must be a day, YYYY-MM-DD", _EXAMPLES["expires"])
    elif day < today:
        what = f"expired on {day}: close the gap and remove the entry, or have its owner decide on a later day"
        yield Problem(place, what)


def _day(told: object) -> date | None:
    """A date of TOML, or a text that is one. (A datetime is a date to Python, but not to us.)"""
    if type(told) is date:
        return told
    try:
        return date.fromisoformat(told) if isinstance(told, str) and len(told) == 10 else None
    except ValueError:
        return None


def _repeats(rows: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        key = (str(row.get("rule")), str(row.get("scenario")))
        if seen.setdefault(key, number) != number:
            yield Problem(f"gap[{number}]", f"repeats gap[{seen[key]}]: one entry for each rule and scenario")


def _unknown(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f"{_short(name)!r} is not known" + (f"; did you mean {close[0]!r}?" if close else "; see durable-audit list")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
