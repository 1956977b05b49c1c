"""Why a request about a stream is not carried out, in the protocol's own statuses and headers."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Refused

CLOSED = "Stream-Closed"
NEXT_OFFSET = "Stream-Next-Offset"


class StreamRefused(Refused):
    """headers: what the protocol says besides the status."""

    def __init__(self, code: str, message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code, message, status)
        self.headers = dict(headers or {})


def malformed(message: str) -> StreamRefused:
    """A header, a parameter or a body is not what the protocol says it is."""
    return StreamRefused("bad-request", message)


def unknown() -> StreamRefused:
    """There is no such stream."""
    return StreamRefused("not-found", "there is no such stream", 404)


def gone() -> StreamRefused:
    """The stream was deleted, but forks of it live (PROTOCOL.md section 4.2)."""
    return StreamRefused("gone", "the stream was deleted; only its forks are left", 410)


def conflict(code: str, message: str) -> StreamRefused:
    """The stream is not what the request takes it for."""
    return StreamRefused(code, message, 409)


def closed(offset: str) -> StreamRefused:
    """Nothing can be appended any more (PROTOCOL.md section 5.2)."""
    told = {CLOSED: "true", NEXT_OFFSET: offset}
    return StreamRefused("stream-closed", "the stream is closed", 409, told)
