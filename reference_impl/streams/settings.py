"""What can be set about streams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """body_bytes: the largest append (NATS takes a million bytes at most). chunk_bytes: about how much one read
    answers. poll_s: how long a long-poll waits. sse_s: about how long an event stream lasts before the reader has to
    come back. heartbeat_s: silence after which it says that it lives. gather_s: in a stream busier than one append in
    this time, readers are told of what came in it at once. idle_s: how long a stream that nobody uses stays in memory.
    origins: which web pages may use the streams, as `Access-Control-Allow-Origin` says it.
    """

    body_bytes: int = 512 * 1024
    chunk_bytes: int = 1024 * 1024
    poll_s: float = 20.0
    sse_s: float = 60.0
    heartbeat_s: float = 5.0
    gather_s: float = 0.01
    idle_s: float = 300.0
    origins: str = "*"
