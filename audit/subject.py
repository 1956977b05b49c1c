"""What a person names on the command line: a target file, or a server that comes with the audit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from . import builtin
from .campaign import Cost, Order, audit, judge_again
from .errors import ConfigError, Problem
from .progress import shown
from .result import AuditResult
from .scenario import Scenario
from .store import RunStore
from .target import Target
from .target_reading import load_target


@dataclass(frozen=True)
class Subject:
    """Something to audit: a target file, or (target None) a built-in server that is started for it."""

    name: str
    target: Target | None = None

    @classmethod
    def named(cls, name: str) -> Subject:
        """A built-in server of this name, or the target file at this path; ConfigError when it is neither."""
        if not Path(name).exists():
            if name in builtin.NAMES:
                return cls(name)
            if close := get_close_matches(name, builtin.NAMES, 1):
                what = f"there is no file {name!r}; did you mean the built-in server {close[0]!r}?"
                raise ConfigError("command line", (Problem("TARGET", what, f"durable-audit run {close[0]}"),))
        return cls(name, load_target(Path(name), os.environ))

    @property
    def title(self) -> str:
        """What to call it before it is audited."""
        return f"{self.target.name} at {self.target.base_url}" if self.target else self.name

    def declared(self) -> Target:
        """What the target says of itself, before it is there (a built-in one has no address yet)."""
        return self.target or builtin.declared(self.name)

    def afford(self, order: Order) -> None:
        """ConfigError when the plan sends more prompts than the target allows, or needs a hook that may not be run."""
        if self.target and self.target.hooks.token and not order.hooks:
            what = "makes the credentials that every request carries; --allow-hooks lets it be run"
            raise ConfigError(
                self.name, (Problem("hooks.token", what, f"durable-audit run {self.name} --allow-hooks"),)
            )
        cost = Cost.of(order)
        if self.target and cost.prompts > self.target.limits.max_prompts:
            what = f"the plan sends {cost.prompts} prompts; take a smaller profile, fewer scenarios, or allow them"
            raise ConfigError(self.name, (Problem("limits.max_prompts", what, f"max_prompts = {cost.prompts}"),))

    def audit(self, order: Order, root: Path, scenarios: Sequence[Scenario]) -> tuple[RunStore, AuditResult]:
        """Audit it and save the result. Interrupted, judge what there is: KeyboardInterrupt only when there is none."""
        begun: list[RunStore] = []
        try:
            asyncio.run(self._audit(order, root, begun.append))
        except (KeyboardInterrupt, asyncio.CancelledError):
            if not begun:
                raise KeyboardInterrupt from None
        result = judge_again(begun[0].path, scenarios)
        begun[0].save_result(result)
        return begun[0], result

    async def _audit(self, order: Order, root: Path, begun: Callable[[RunStore], None]) -> None:
        with _terminable(), shown(self.name if self.target is None else self.target.name) as tell:
            async with self._running() as target:
                await audit(target, order, root, ["durable-audit", *sys.argv[1:]], self.name, tell, begun)

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[Target]:
        if self.target is not None:
            yield self.target
            return
        async with builtin.started(self.name) as target:
            yield target


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM cancels the task that this is entered in, as Ctrl-C does: a job that is ended keeps its partial run and
    leaves no server behind. Where there are no such signals, nothing changes."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)
