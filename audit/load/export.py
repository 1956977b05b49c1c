"""A load run as tables, for spreadsheets and data frames: CSV, and Parquet by pandas.

`run` (one row: what it counted and how it ended), `windows`, `measures`, `storms`, `hooks`. A quantile has the ends of
its 95 % interval beside it: `p95_ms`, `p95_low_ms`, `p95_high_ms`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import ConfigError, HarnessError, Problem
from ..files import write_atomic
from .result import MEASURES, LoadResult, Quantiles

Cell: TypeAlias = float | int | str | None
Row: TypeAlias = dict[str, Cell]

_RUN = (
    "tool", "created", "seed", "seconds", "devices", "sessions", "events", "resumes", "prompts", "refused", "lost",
    "repeated", "reordered", "foreign", "unended", "wrong_end", "after_stop", "unanswered", "replayed", "void",
    "interrupted", "partial",
)  # fmt: skip
_COUNTS = ("at_s", "devices", "words", "resumes", "refused", "lost", "repeated", "reordered")
_STORM = ("at_s", "devices", "recovered_s", "refused")
_HOOK = ("name", "at_s", "began_s", "took_s", "exit_code", "output")
_QUANTILES = ("p50", "p95", "p99")
_NONE = Quantiles(0, None, None, None, None, None)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a text begins that a spreadsheet would carry out


def run(result: LoadResult) -> list[Row]:
    """One row: the target's name, what was counted in all, whether it was void or interrupted, and why."""
    return [{"target": str(result.target.get("name", "")), **{key: getattr(result, key) for key in _RUN}}]


def windows(result: LoadResult) -> list[Row]:
    """A row for each window: its counts, and `<measure>_<figure>` of every measure (`…_ms`, but for `…_count`)."""
    return [
        {key: getattr(window, key) for key in _COUNTS}
        | {
            column: value
            for measure in MEASURES
            for column, value in _figures(window.measures.get(measure, _NONE), f"{measure}_")
        }
        for window in result.windows
    ]


def measures(result: LoadResult) -> list[Row]:
    """A row for each measure of the whole run: its name, `count`, and `<figure>_ms`."""
    return [{"measure": measure, **dict(_figures(result.measures.get(measure, _NONE), ""))} for measure in MEASURES]


def storms(result: LoadResult) -> list[Row]:
    """A row for each storm: how it was recovered from, and `live_<figure>` of what the others felt."""
    return [
        {key: getattr(storm, key) for key in _STORM} | dict(_figures(storm.live_delay_ms, "live_"))
        for storm in result.storms
    ]


def hooks(result: LoadResult) -> list[Row]:
    """A row for each run of a hook."""
    return [{key: getattr(hook, key) for key in _HOOK} for hook in result.hooks]


TABLES: Mapping[str, Callable[[LoadResult], list[Row]]] = {
    "run": run,
    "windows": windows,
    "measures": measures,
    "storms": storms,
    "hooks": hooks,
}


def to_csv(result: LoadResult, folder: Path) -> tuple[Path, ...]:
    """Write a file for each of TABLES (RFC 4180, UTF-8); what is not known is an empty cell. Their paths.

    A text that a spreadsheet would take for a formula gets an apostrophe in front. ConfigError when the folder cannot
    be written.
    """
    for name, table in TABLES.items():
        _write(folder, f"{name}.csv", _csv(table(result), _columns(name)))
    return tuple(folder / f"{name}.csv" for name in TABLES)


def to_parquet(result: LoadResult, folder: Path) -> tuple[Path, ...]:
    """Write a file for each of TABLES. Their paths. ConfigError when there is no Parquet engine, or no such place."""
    for name, table in TABLES.items():
        _parquet(frame(table(result), _columns(name)), folder / f"{name}.parquet")
    return tuple(folder / f"{name}.parquet" for name in TABLES)


def frame(rows: list[Row], header: tuple[str, ...] = ()) -> Any:
    """Rows as a pandas.DataFrame; what is not known is missing, and a column of nothing known still has its type.

    header: the columns when there are no rows.
    """
    import pandas  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import, and seldom needed

    found = pandas.DataFrame(rows, columns=None if rows else list(header))
    return found.astype({name: _type(name) for name in found.columns})


def _columns(table: str) -> tuple[str, ...]:
    """Of a table that may have no row."""
    none = {measure: dict(_figures(_NONE, f"{measure}_")) for measure in (*MEASURES, "live")}
    return {
        "windows": (*_COUNTS, *(column for measure in MEASURES for column in none[measure])),
        "storms": (*_STORM, *none["live"]),
        "hooks": _HOOK,
    }.get(table, ())


def _type(column: str) -> str:
    if column.endswith(("_ms", "_s")) or column == "seconds":
        return "float64"
    if column in ("target", "tool", "created", "void", "partial", "measure", "name", "output"):
        return "str"
    return {"exit_code": "Int64", "interrupted": "bool"}.get(column, "int64")


def _figures(found: Quantiles, prefix: str) -> Iterator[tuple[str, Cell]]:
    yield f"{prefix}count", found.count
    for share in _QUANTILES:
        low, high = found.intervals.get(share, (None, None))
        yield f"{prefix}{share}_ms", getattr(found, share)
        yield f"{prefix}{share}_low_ms", low
        yield f"{prefix}{share}_high_ms", high
    yield f"{prefix}mean_ms", found.mean
    yield f"{prefix}max_ms", found.max


def _csv(rows: list[Row], header: tuple[str, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else list(header), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({column: _inert(value) for column, value in row.items()} for row in rows)
    return text.getvalue()


def _inert(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write(folder: Path, name: str, text: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / name, text)
    except OSError as error:
        raise ConfigError(str(folder), (Problem("folder", f"cannot be made ({error.strerror})"),)) from None
    except HarnessError as error:
        raise ConfigError(str(folder), (Problem(name, str(error)),)) from None


def _parquet(table: Any, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path, index=False)
    except ImportError:
        what = "Parquet needs an engine that pandas can use, and none is installed"
        raise ConfigError("export", (Problem("parquet", what, "pip install pyarrow"),)) from None
    except OSError as error:
        raise ConfigError(str(path), (Problem("file", f"cannot be written ({error.strerror})"),)) from None
