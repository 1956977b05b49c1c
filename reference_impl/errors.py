"""What a device is told when a command is not carried out: a code for programs, a sentence for people."""

from __future__ import annotations


class Refused(Exception):
    """The command was not carried out and changed nothing. status: how HTTP says it. Codes: docs/protocol.md."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Unavailable(Refused):
    """The storage cannot be relied on at the moment; whether the command took effect is not known. Try again."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message, 503)
