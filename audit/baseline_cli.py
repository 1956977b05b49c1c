"""`--baseline` of `run` and `check`, and `durable-audit baseline`, which drafts one from a result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from .baseline import Held, Where, hold, judged_by, marked
from .baseline_file import EXPIRES_AFTER, dump_baseline, load_baseline
from .errors import ConfigError, Problem
from .finding import Verdict
from .named_errors import named_errors
from .outputs import write
from .result import AuditResult, KnownGap
from .scenario import Scenario
from .store import RunStore, load_result, result_of

FILE = click.Path(dir_okay=False, path_type=Path)
baseline_option = click.option(
    "--baseline", type=FILE, metavar="TOML", help="Known gaps: a new one exits 1, an entry whose gap is gone 4."
)


class Baseline:
    """The known gaps that an audit is held to, or none: then it is held to nothing."""

    def __init__(self, path: Path | None, scenarios: Sequence[Scenario]) -> None:
        self.where: Where = judged_by(scenarios)
        self.entries: tuple[KnownGap, ...] | None = load_baseline(path, self.where, today()) if path else None

    def held(self, store: RunStore, result: AuditResult) -> tuple[AuditResult, Held | None]:
        """The result, its known gaps marked and saved, and what is new and stale; as it was without a baseline."""
        if self.entries is None:
            return result, None
        found = hold(result, self.entries, self.where)
        result = marked(result, found)
        store.save_result(result)
        return result, found


@click.command("baseline")
@click.argument("path", metavar="RESULT", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=FILE, default=Path("known-gaps.toml"), show_default=True, help="Where to write it.")
@named_errors
def baseline_command(path: Path, out: Path) -> None:
    """Draft a baseline from RESULT (result.json, or the folder of a run): every gap it found.

    Reason and owner are left blank, and a file with a blank one is refused: somebody has to answer for each gap.
    """
    if out.exists():
        what = "is there already; its reasons would be lost. Remove it, or write another one beside it"
        raise ConfigError(str(out), (Problem("--out", what, "-o known-gaps.new.toml"),))
    result = load_result(result_of(path))
    write(out, dump_baseline(result, today()))
    gaps = sum(found.verdict is Verdict.GAP for found in result.findings)
    click.echo(
        f"written: {out}, {gaps} gap{'s' if gaps != 1 else ''}, to expire in {EXPIRES_AFTER.days} days.\n"
        "Fill in reason and owner of each: without them the file is refused."
    )


def today() -> date:
    """The day in UTC, as everywhere in results."""
    return datetime.now(UTC).date()
