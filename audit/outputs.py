"""Writing reports to files. With the command line, the only module that knows `reports`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports import compare_html, compare_markdown, compare_terminal, html, junit, markdown, replays

from .comparison import Comparison
from .errors import ConfigError, HarnessError, Problem
from .files import write_atomic
from .load.result import LoadResult
from .replay import Replayed
from .result import AuditResult
from .result_file import dump_result


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files that were asked for; None: not asked for. JSON and JUnit hold the first result, the others all of them."""

    html: Path | None = None
    json: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None

    def write(self, results: Sequence[AuditResult], load: LoadResult | None = None) -> tuple[Path, ...]:
        """Write them, making folders where needed; what was written. load: shown in the gap report beside the first."""
        if self.html:
            write(self.html, html.render(results, load))
        if self.json:
            write(self.json, dump_result(results[0]))
        if self.junit:
            write(self.junit, junit.render(results[0]))
        if self.markdown:
            write(self.markdown, markdown.summary(results))
        return tuple(path for path in (self.html, self.json, self.junit, self.markdown) if path)


def by_suffix(path: Path) -> Outputs:
    """The output that a file name asks for; ConfigError for a suffix that means nothing here."""
    match path.suffix.lower():
        case ".html" | ".htm":
            return Outputs(html=path)
        case ".md":
            return Outputs(markdown=path)
        case ".xml":
            return Outputs(junit=path)
        case ".json":
            return Outputs(json=path)
    raise ConfigError(
        "command line", (Problem("--out", f"{path.name!r} ends in none of .html .md .xml .json", "gap.html"),)
    )


def write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all; ConfigError when its place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text)
    except OSError as error:
        raise ConfigError(str(path), (Problem("folder", f"cannot be made ({error.strerror})"),)) from None
    except HarnessError as error:
        raise ConfigError(str(path), (Problem("file", str(error)),)) from None


def write_comparison(found: Comparison, html_path: Path | None, markdown_path: Path | None) -> tuple[Path, ...]:
    """Write a comparison of before and after to the files that were asked for; what was written."""
    if html_path:
        write(html_path, compare_html.render(found))
    if markdown_path:
        write(markdown_path, compare_markdown.summary(found))
    return tuple(path for path in (html_path, markdown_path) if path)


def comparison_text(found: Comparison) -> str:
    """A comparison for the console that this process writes to."""
    width, color = console()
    return compare_terminal.summary(found, width, color)


def replay_text(found: Replayed, old: AuditResult, new: AuditResult) -> str:
    """A trial then and now, for the console that this process writes to."""
    width, color = console()
    return replays.summary(found, old, new, width, color)


def console() -> tuple[int, bool]:
    """How wide standard output is, and whether it wants colors."""
    width = shutil.get_terminal_size((100, 24)).columns
    return width, sys.stdout.isatty() and "NO_COLOR" not in os.environ
