"""A native thread with an event loop of its own inside a process that gevent has patched.

Locust runs on gevent, the devices on uvloop. Only two things cross: calls into the loop by `call_soon_threadsafe`, and
plain results back, which greenlets poll for. Nothing blocking is ever called across.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from ..errors import AuditError, HarnessError, Unreachable
from ..event import Value
from .alone import adapter_for, loop_factory
from .churn import schedule
from .crowd import Crowd
from .order import Order
from .result import UNREACHABLE


class Bridge:
    """One crowd on one native thread. Created in the process that runs it (after any fork)."""

    def __init__(self, order: Order, part: int) -> None:
        self.error = ""
        self._order, self._part = order, part
        self._crowd: Crowd | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = False
        self._taken: list[dict[str, Value]] = []

    @property
    def ended(self) -> bool:
        """The crowd has drained (or could not begin: see `error`)."""
        return self._ended

    @property
    def zero(self) -> float:
        """When the plan began (monotonic seconds); 0 before that is known."""
        return self._crowd.zero if self._crowd is not None else 0.0

    def start(self, start_new_thread: Callable[[Callable[[], None], tuple[()]], Any]) -> None:
        """Begin, on a thread made by `start_new_thread`: the one that gevent has not patched."""
        start_new_thread(self._run, ())

    def take(self) -> list[dict[str, Value]]:
        """What was measured since the last call, and ask for the next; never waits."""
        fresh, self._taken = self._taken, []
        if self._loop is not None and not self._ended:
            self._soon(self._measure)
        return fresh

    def finish(self, why: str) -> None:
        """End it early: drain and report."""
        if self._loop is not None and not self._ended:
            self._soon(lambda: self._crowd.finish(why) if self._crowd else None)

    def totals(self) -> Value | None:
        """Everything, once it has ended well."""
        return self._crowd.totals() if self._ended and self._crowd is not None and not self.error else None

    def _soon(self, call: Callable[[], object]) -> None:
        try:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            pass  # the loop closed meanwhile: it has ended

    def _measure(self) -> None:
        if self._crowd is not None:
            self._taken.append(self._crowd.take())

    def _run(self) -> None:
        try:
            factory = loop_factory()
            if factory is None:  # asyncio's own selectors are gevent's by now
                raise HarnessError("load needs uvloop: pip install 'durable-audit[fast]'")
            self._loop = factory()
            self._loop.run_until_complete(self._live())
        except Unreachable as error:
            self.error = f"{UNREACHABLE}{error}"
        except AuditError as error:
            self.error = str(error)
        except Exception as error:  # a thread that dies silently would hang the whole load
            self.error = f"the load generator broke: {type(error).__name__}: {error}"
        finally:
            self._ended = True

    async def _live(self) -> None:
        order = self._order
        target = order.target()
        plan = schedule(order.churn, order.seed, self._part, order.processes)
        clock = "kernel" if order.receive_clock == "kernel" else "app"
        self._crowd = Crowd(
            target,
            adapter_for(target),
            plan,
            order.churn,
            nonce=secrets.token_hex(4),
            receive_clock=clock,  # type: ignore[arg-type]  # narrowed a line above
        )
        await self._crowd.run()
