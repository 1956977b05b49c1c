"""The processes that play a selftest, one a core, and who gets the next case."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, TypeAlias

from .case import Case, Seen

CASE_S = 900.0  # no audit of a built-in server takes so long
STOP_S = 8.0
END_S = 1.0
_LINE = 1 << 24  # bytes of an answer

Tell: TypeAlias = Callable[[Case, Seen], None]


async def crew(cases: Sequence[Case], workers: int, tell: Tell) -> None:
    """Play all cases and tell what came of each. Cancelled, the workers end their servers and themselves first."""
    left = deque(cases)
    async with asyncio.TaskGroup() as group:
        for _ in range(min(workers, len(cases))):
            group.create_task(_station(left, tell))


class _Worker:
    """A process that answers cases one after the other."""

    def __init__(self, process: asyncio.subprocess.Process, said: IO[bytes]) -> None:
        self._process, self._said = process, said

    @classmethod
    async def hired(cls, said: IO[bytes]) -> _Worker:
        """-P: a folder of the user's must not shadow our packages. A Ctrl-C in the terminal is not the worker's. said:
        takes what it and its servers log."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "audit.selftest.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=said,
            start_new_session=True,
            limit=_LINE,
        )
        return cls(process, said)

    @property
    def there(self) -> bool:
        """It can be asked."""
        return self._process.returncode is None

    async def asked(self, case: Case) -> Seen:
        """What came of a case; a worker that broke off is gone afterwards."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line, why = b"", "its process ended"
        try:
            async with asyncio.timeout(CASE_S):
                self._process.stdin.write(f"{case.dump()}\n".encode())
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self.dismissed()
            why = f"the audit did not end within {CASE_S:g} s"
        except ConnectionError:
            pass
        if line:
            return Seen.load(line.decode())
        with suppress(TimeoutError):  # to be signaled while it ends would cost it its exit code
            async with asyncio.timeout(END_S):
                await self._process.wait()
        await self.dismissed()
        return Seen(error=f"{why} (exit {self._process.returncode}): {self._last()}")

    async def dismissed(self) -> None:
        """It ends its server and itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if not self.there:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _last(self) -> str:
        self._said.seek(0)
        return (self._said.read().decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]


async def _station(left: deque[Case], tell: Tell) -> None:
    """One worker after another, until nothing is left: one that breaks off takes only its own case with it."""
    while left:
        with tempfile.TemporaryFile() as said:
            worker = await _Worker.hired(said)
            try:
                while left and worker.there:
                    case = left.popleft()
                    tell(case, await worker.asked(case))
            finally:
                await worker.dismissed()
