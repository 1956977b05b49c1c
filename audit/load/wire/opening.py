"""A connection that is being opened, without a task: where thousands come back at once, tasks cost as much again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

Opened: TypeAlias = Callable[[Exception | None], None]


class Opening:
    """Drives a coroutine that awaits futures of the loop and nothing else. opened: told once, never before `start`
    returns, what it raised, or None; not when it was cancelled."""

    __slots__ = ("_awaited", "_coroutine", "_opened")

    def __init__(self, coroutine: Coroutine[Any, Any, object], opened: Opened) -> None:
        self._coroutine, self._opened = coroutine, opened
        self._awaited: asyncio.Future[object] | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go as far as the first thing that has to be waited for."""
        try:
            self._wait()
        except StopIteration:
            loop.call_soon(self._opened, None)
        except Exception as error:
            loop.call_soon(self._opened, error)

    def cancel(self) -> None:
        """Nobody wants it any more."""
        if self._awaited is not None:
            self._awaited.cancel()

    def _wait(self) -> None:
        """Go on to the next future, as a task would (PEP 492; asyncio.Future.__await__)."""
        awaited = self._coroutine.send(None)
        awaited._asyncio_future_blocking = False
        self._awaited = awaited
        awaited.add_done_callback(self._go_on)

    def _go_on(self, _: object) -> None:
        self._awaited = None
        try:
            self._wait()
        except StopIteration:
            self._opened(None)
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self._opened(error)
