"""Child processes of the benchmark: started on one core, their own CPU and memory read from outside, ended by id."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

SOURCE_CORE, CLIENT_CORE = 0, 1
END_S = 5.0
ERROR_BYTES = 2_000
_CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the clock of all that a process, whoever it is, has run


class Failed(Exception):
    """A child did not do its part; the message says which and what it wrote."""


def pinned(core: int, argv: Sequence[str]) -> list[str]:
    """The command line, on one core where `taskset` exists and there is more than one."""
    taskset = shutil.which("taskset")
    cores = os.cpu_count() or 1
    return [taskset, "-c", str(core % cores), *argv] if taskset and cores > 1 else list(argv)


class Child:
    """A process in a group of its own. What it prints goes to a file, unless `talks`: then line by line to `heard`."""

    def __init__(
        self, name: str, argv: Sequence[str], core: int, env: Mapping[str, str] | None = None, *, talks: bool = False
    ) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `end` closes it
        self._process = subprocess.Popen(
            pinned(core, argv),
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if talks else self._errors,
            stderr=self._errors,
            env=env,
            start_new_session=True,
            bufsize=0,
        )
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def cpu_s(self) -> float:
        """CPU seconds, user and system, of all its threads so far, to the nanosecond (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self._process.pid << 3) | _CPUCLOCK_SCHED)

    def rss_kb(self) -> int:
        """What it holds in memory now; 0 when it has ended."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    def heard(self, fact: str, within_s: float) -> Any:
        """The next line of JSON that it prints which holds `fact`: the value of it."""
        deadline = time.monotonic() + within_s
        while fact not in (said := self._line(fact, deadline)):
            pass
        return said[fact]

    def ended(self, within_s: float) -> None:
        """Wait until it ends by itself."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {within_s:g} s: {self.wrote()}") from None
        if code != 0:
            raise Failed(f"{self.name} ended with {code}: {self.wrote()}")

    def end(self) -> None:
        """End it, and what it started; nothing when it has ended."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(END_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def wrote(self) -> str:
        """The end of what it printed."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - ERROR_BYTES))
        return self._errors.read().decode(errors="replace").strip()

    def _line(self, fact: str, deadline: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(deadline - time.monotonic(), 0.0)):
                    raise Failed(f"{self.name} did not say {fact!r} in time: {self.wrote()}")
                data = os.read(self._process.stdout.fileno(), 65536)
                if not data:
                    raise Failed(f"{self.name} ended before it said {fact!r}: {self.wrote()}")
                self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found
