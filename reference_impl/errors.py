"""What a device is told when a command is not carried out: a code for programs, a sentence for people."""

from __future__ import annotations


class Refused(Exception):
    """The command was not carried out and changed nothing. status: how HTTP says it. Codes: docs/protocol.md.

    retry_ms: it is worth to try again after this long; None: not known.
    """

    def __init__(self, code: str, message: str, status: int = 400, retry_ms: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_ms = retry_ms


class Unavailable(Refused):
    """The storage cannot be relied on at the moment; whether the command took effect is not known. Try again."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message, 503)


class Full(Unavailable):
    """The server holds as much as it may: nothing was done. Another server may have room."""

    def __init__(self, message: str, retry_ms: int) -> None:
        super().__init__(message)
        self.code = "full"
        self.retry_ms = retry_ms
