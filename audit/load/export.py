"""The windows and measures of a load run as tables, for spreadsheets and data frames: CSV, and Parquet by pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import ConfigError, HarnessError, Problem
from ..files import write_atomic
from .result import MEASURES, LoadResult, Quantiles

Cell: TypeAlias = float | int | str | None
Row: TypeAlias = dict[str, Cell]

_COUNTS = ("at_s", "devices", "words", "resumes", "refused", "lost", "repeated", "reordered")
_FIGURES = ("count", "p50", "p95", "p99", "mean", "max")
_NONE = Quantiles(0, None, None, None, None, None)


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
    """A row for each measure of the whole run: its name, `count`, and `<quantile>_ms`."""
    return [{"measure": measure, **dict(_figures(result.measures.get(measure, _NONE), ""))} for measure in MEASURES]


def to_csv(result: LoadResult, folder: Path) -> tuple[Path, Path]:
    """Write `windows.csv` and `measures.csv` (RFC 4180, UTF-8); what is not known is an empty cell.

    ConfigError when the folder cannot be written.
    """
    for name, rows in _tables(result).items():
        _write(folder, f"{name}.csv", _csv(rows))
    return folder / "windows.csv", folder / "measures.csv"


def to_parquet(result: LoadResult, folder: Path) -> tuple[Path, Path]:
    """Write `windows.parquet` and `measures.parquet`. ConfigError when there is no Parquet engine, or no such place."""
    for name, rows in _tables(result).items():
        _parquet(rows, folder / f"{name}.parquet")
    return folder / "windows.parquet", folder / "measures.parquet"


def frame(rows: list[Row]) -> Any:
    """Rows as a pandas.DataFrame; what is not known is NaN, and a column of nothing known is still one of numbers."""
    import pandas  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import, and seldom needed

    found = pandas.DataFrame(rows)
    return found.astype({name: "float64" for name in found.columns if name.endswith("_ms")})


def _tables(result: LoadResult) -> dict[str, list[Row]]:
    return {"windows": windows(result), "measures": measures(result)}


def _figures(found: Quantiles, prefix: str) -> Iterator[tuple[str, Cell]]:
    known = asdict(found)
    for figure in _FIGURES:
        yield f"{prefix}{figure}{'' if figure == 'count' else '_ms'}", known[figure]


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else list(_COUNTS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write(folder: Path, name: str, text: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / name, text)
    except OSError as error:
        raise ConfigError(str(folder), (Problem("folder", f"cannot be made ({error.strerror})"),)) from None
    except HarnessError as error:
        raise ConfigError(str(folder), (Problem(name, str(error)),)) from None


def _parquet(rows: list[Row], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame(rows).to_parquet(path, index=False)
    except ImportError:
        what = "Parquet needs an engine that pandas can use, and none is installed"
        raise ConfigError("export", (Problem("parquet", what, "pip install pyarrow"),)) from None
    except OSError as error:
        raise ConfigError(str(path), (Problem("file", f"cannot be written ({error.strerror})"),)) from None
