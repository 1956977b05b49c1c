"""Writing the results of a load to files and to the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reports import load as load_report
from reports import load_junit, load_markdown, load_terminal

from .load.export import write_csv, write_parquet
from .load.result import LoadResult
from .load.result_file import dump_load, load_load
from .outputs import write


@dataclass(frozen=True, slots=True)
class LoadOutputs:
    """Files that were asked for; None: not asked for."""

    html: Path | None = None
    json: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    csv: Path | None = None
    parquet: Path | None = None

    def write(self, result: LoadResult, beside: LoadResult | None, before: LoadResult | None) -> tuple[Path, ...]:
        """Write them, making folders where needed; what was written."""
        if self.json:
            write(self.json, dump_load(result))
        if self.html:
            write(self.html, load_report.render(result, beside, before))
        if self.junit:
            write(self.junit, load_junit.render(result))
        if self.markdown:
            write(self.markdown, load_markdown.summary(result))
        if self.csv:
            write_csv(self.csv, result)
        if self.parquet:
            write_parquet(self.parquet, result)
        asked = (self.html, self.json, self.junit, self.markdown, self.csv, self.parquet)
        return tuple(path for path in asked if path)


def earlier(path: Path) -> LoadResult:
    """The result of an earlier load; ConfigError or HistoryError when it is none."""
    return load_load(path)


def say(result: LoadResult) -> str:
    """What a load found, for the terminal."""
    colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return load_terminal.summary(result, width=shutil.get_terminal_size((100, 24)).columns, color=colored)
