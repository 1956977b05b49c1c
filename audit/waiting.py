"""Waiting for a condition on something that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Waiting:
    """Those who wait. Whoever changes something calls `wake`."""

    def __init__(self) -> None:
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait for a condition; False when `timeout` seconds are over first."""
        if condition():
            return True
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter[1]
        except TimeoutError:
            return condition()
        finally:
            self._waiters.remove(waiter)
        return True

    def wake(self) -> None:
        """Something changed: let those go on whose condition holds now."""
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)
