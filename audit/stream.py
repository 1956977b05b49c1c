"""A live stream of one connection, whatever carries it, and how it may end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Closed:
    """How a stream ended: see `closed` in docs/history-format.md."""

    how: Literal["fin", "rst", "clean", "timeout", "local"]
    code: int | None = None
    reason: str = ""


class Stream(Protocol):
    """A live stream of one connection. framed: it carries messages (a WebSocket), not bytes."""

    framed: bool

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        """Hand every chunk or message to `take` until the stream ends. Nothing is read while `gate` is not set.

        ProtocolError for bytes that neither HTTP nor WebSocket allows: then it was us who ended it.
        """
        ...

    async def send(self, text: str) -> None:
        """Send a text frame; ProtocolError on a stream that cannot, ConnectionError when it is gone."""
        ...

    async def close(self) -> None:
        """Hang up, without waiting for anybody. `pump` then ends with how=local."""
        ...


def died(error: BaseException | None) -> Literal["fin", "rst"]:
    """Which of the two ends of a TCP connection is at the bottom of an error."""
    while error is not None:
        if type(error) is ConnectionResetError:  # a subclass is a library's own, raised for a FIN as well
            return "rst"
        error = error.__cause__ or error.__context__
    return "fin"
