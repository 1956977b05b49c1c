"""Writing what a selftest found to files and to the terminal."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reports import selftest as report

from .event import Value
from .outputs import write
from .selftest.case import Case, Seen
from .selftest.export import Circumstances, dumped, exported, figures, joined
from .selftest.figures import Power


@dataclass(frozen=True, slots=True)
class SelftestOutputs:
    """Files that were asked for; None: not asked for. figures: the two figures alone, with what they were measured
    with: what this selftest did not measure stays there. Not written by a selftest that was interrupted."""

    json: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    figures: Path | None = None

    def write(self, power: Power, how: Circumstances) -> tuple[Path, ...]:
        """Write them, making folders where needed; what was written."""
        kept = None if power.interrupted else self.figures
        if self.json:
            write(self.json, dumped(exported(power, how)))
        if self.html:
            write(self.html, report.page(power, how))
        if self.markdown:
            write(self.markdown, report.markdown(power, how))
        if kept:
            write(kept, dumped(joined(figures(power, how), _kept(kept))))
        return tuple(path for path in (self.json, self.html, self.markdown, kept) if path)


def _kept(path: Path) -> Value:
    """The figures that are there already, if any can be read."""
    try:
        found: Value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def say(power: Power, how: Circumstances) -> str:
    """What was found, for the terminal."""
    colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return report.summary(power, how, width=shutil.get_terminal_size((100, 24)).columns, color=colored)


def outcome(case: Case, seen: Seen) -> str:
    """One audit in a line."""
    gaps = ", ".join(seen.gaps) or "no gap"
    return f"{case.name}: {seen.error or gaps} ({seen.trials} trials, {seen.wall_s:.0f} s, {seen.cpu_s:.1f} s CPU)"
