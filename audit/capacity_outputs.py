"""Writing the results of a capacity run to files and to the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports import capacity as capacity_report
from reports import capacity_words

from .load.capacity_result import CapacityResult, Rung, dump_capacity
from .outputs import write


@dataclass(frozen=True, slots=True)
class CapacityOutputs:
    """Files that were asked for; None: not asked for."""

    html: Path | None = None
    json: Path | None = None

    def write(self, result: CapacityResult) -> tuple[Path, ...]:
        """Write them, making folders where needed; what was written."""
        if self.json:
            write(self.json, dump_capacity(result))
        if self.html:
            write(self.html, capacity_report.render(result))
        return tuple(path for path in (self.json, self.html) if path)


def said(rung: Rung) -> str:
    """One step that is over, in a line."""
    return capacity_words.line(rung)


def say(result: CapacityResult) -> str:
    """What a capacity run found, for the terminal."""
    return capacity_words.summary(result)
