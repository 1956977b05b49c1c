"""Writing the results of a load to files and to the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reports import load as load_report
from reports import load_junit, load_markdown, load_terminal

from .load.export import to_csv, to_parquet
from .load.outlook import outlook
from .load.result import LoadResult
from .load.result_file import dump_result, load_result
from .outputs import write


@dataclass(frozen=True, slots=True)
class LoadOutputs:
    """Files that were asked for (folders, for csv and parquet); None: not asked for."""

    html: Path | None = None
    json: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    csv: Path | None = None
    parquet: Path | None = None

    def write(self, result: LoadResult, beside: LoadResult | None, before: LoadResult | None) -> tuple[Path, ...]:
        """Write them, making folders where needed; what was written."""
        if self.json:
            write(self.json, dump_result(result))
        if self.html:
            write(self.html, load_report.render(result, beside, before, outlook=outlook(result)))
        if self.junit:
            write(self.junit, load_junit.render(result))
        if self.markdown:
            write(self.markdown, load_markdown.summary(result, beside, before))
        written = [path for path in (self.json, self.html, self.junit, self.markdown) if path]
        written += to_csv(result, self.csv) if self.csv else ()
        written += to_parquet(result, self.parquet) if self.parquet else ()
        return tuple(written)


def earlier(path: Path) -> LoadResult:
    """The result of an earlier load; ConfigError or HistoryError when it is none."""
    return load_result(path)


def say(result: LoadResult) -> str:
    """What a load found, for the terminal."""
    colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return load_terminal.summary(result, width=shutil.get_terminal_size((100, 24)).columns, color=colored)
