"""Runs a hook of the target file at its instants while a load goes on: a shell command of the user's own, once allowed.

In the process that started the load, whose threads and sockets nobody has patched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import TracebackType

from ..halves import without_halves
from ..masking import masked
from .result import HookResult

HOOK_S = 60.0  # no hook may take longer
OUTPUT_BYTES, OUTPUT_CHARS = 1 << 20, 2_000  # of what it said are read, and kept: the last
LOOK_S = 0.05  # between two looks for the load's beginning


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook of a target file: its name there, its command, and what must not be written down of what it says."""

    name: str
    command: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


class HookTimes:
    """The instants of one hook, kept from a thread of its own while the block lasts.

    begun: the file that says, once the load has begun, at which monotonic second its plan began. done: what became of
    each, in order; those whose instant had not come when the block was left are not among them.
    """

    def __init__(self, hook: Hook, instants: Sequence[float], begun: Path) -> None:
        self.done: list[HookResult] = []
        self._hook, self._instants, self._begun = hook, sorted(instants), begun
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"hook {hook.name}", daemon=True)

    def __enter__(self) -> HookTimes:
        if self._instants:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._instants:
            self._thread.join()

    def _keep(self) -> None:
        zero = self._zero()
        for at_s in self._instants:
            if zero is None or self._over.wait(max(zero + at_s - monotonic(), 0.0)):
                return
            self.done.append(run(self._hook, at_s, zero))

    def _zero(self) -> float | None:
        """When the plan began; None when the load was over before it had."""
        while not self._over.wait(LOOK_S):
            try:
                return float(self._begun.read_text(encoding="ascii"))
            except (OSError, ValueError):
                continue
        return None


def run(hook: Hook, at_s: float, zero: float, patience_s: float = HOOK_S) -> HookResult:
    """Run a hook now and wait for its shell; what that left running goes on. One that takes too long is ended."""
    began = monotonic()
    with tempfile.TemporaryFile() as said:  # no pipe: what the hook leaves running would hold it open
        process = subprocess.Popen(
            hook.command, shell=True, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            code: int | None = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the group that was made for it
            process.wait()
            code = None
        took_s = monotonic() - began
        said.seek(max(said.seek(0, os.SEEK_END) - OUTPUT_BYTES, 0))
        output = without_halves(masked(said.read().decode("utf-8", "replace").strip(), hook.secrets))
    return HookResult(hook.name, at_s, round(began - zero, 3), round(took_s, 3), code, output[-OUTPUT_CHARS:])


def failures(done: Sequence[HookResult], name: str, planned: int) -> list[str]:
    """What went wrong with a hook that was to be run so many times, in words; empty when nothing did."""
    told = [f"the {each.name} hook at {each.at_s:g} s {_fate(each)}" for each in done if each.exit_code != 0]
    if len(done) < planned:
        told.append(f"{planned - len(done)} of {planned} runs of the {name} hook did not take place")
    return told


def _fate(result: HookResult) -> str:
    how = f"failed with exit code {result.exit_code}"
    if result.exit_code is None:
        how = f"did not return within {result.took_s:.0f} s"
    last = result.output.splitlines()[-1:] or ["it said nothing"]
    return f"{how} ({last[0][:200]})"
