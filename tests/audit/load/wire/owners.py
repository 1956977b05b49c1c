"""An owner that writes down what a connection tells it, and a transport that writes down what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from audit.load.wire.conn import Conn, Sink


class Owner:
    """accepts: whether the sink is given for what was answered."""

    def __init__(self, *, accepts: bool = True) -> None:
        self.accepts = accepts
        self.answers: list[tuple[int, Mapping[str, str], bytes]] = []
        self.taken: list[bytes] = []
        self.instants: list[float] = []
        self.ends: list[str] = []
        self.over = asyncio.Event()
        self.heard = asyncio.Event()

    def answered(self, conn: Conn, status: int, headers: Mapping[str, str], body: bytes) -> Sink | None:
        self.answers.append((status, headers, body))
        self.heard.set()
        return self.take if self.accepts and status in (101, 200) else None

    def closed(self, conn: Conn, how: str) -> None:
        self.ends.append(how)
        self.over.set()

    def take(self, data: bytes, at: float) -> None:
        self.taken.append(data)
        self.instants.append(at)
        self.heard.set()


class Transport(asyncio.Transport):
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = bytearray()
        self.aborted = False

    def write(self, data: Any) -> None:
        self.sent += data

    def abort(self) -> None:
        self.aborted = True
