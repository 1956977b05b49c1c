"""Showing how far a run has come: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .runner import Step

Tell: TypeAlias = Callable[[Step], None]
EVERY_S = 5.0


@contextlib.contextmanager
def shown(title: str) -> Iterator[Tell]:
    """A function to tell each step to; what it shows goes to standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)

        def tell(step: Step) -> None:
            progress.update(task, completed=step.done, total=step.total, description=f"{title} · {step.plan.name}")

        yield tell


def _plain(title: str) -> Tell:
    last = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal last
        if step.done == step.total or time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            print(f"{title}: {step.done} of {step.total} trials", file=sys.stderr, flush=True)

    return tell
