"""Logs: a line a record, for people or as JSON for machines; and never a secret, wherever it got in."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

Form: TypeAlias = Literal["text", "json"]

FORMS: Final[tuple[Form, ...]] = ("text", "json")
HIDDEN: Final = "[hidden]"

_SECRETS: Final = (
    re.compile(r"eyJ[\w-]+(?:\.[\w-]*)+"),  # a token, wherever it stands
    re.compile(r"(?<=token=)[^&\s\"']+", re.IGNORECASE),
    re.compile(r"(?<=authorization)([\"']?\s*[:=,]\s*[\"']?)(?:\w+ )?[^\s\"',}]+", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@\"']+(?=@)"),  # name and password in the address of a storage
)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def configure(form: Form) -> None:
    """Log warnings, and what is worse, to stderr from now on. For a server's own process only."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)


def hide(text: str) -> str:
    """The text without anything that looks like a secret."""
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return text


class TextFormatter(logging.Formatter):
    """Level, logger and message, and a traceback below."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        return hide(super().format(record))


class JsonFormatter(logging.Formatter):
    """A JSON object a line: `time` (RFC 3339), `level`, `logger`, `message`, `error` (a traceback), and what the record
    was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide(record.getMessage()),
        }
        if record.exc_info:
            row["error"] = hide(self.formatException(record.exc_info))
        row |= {name: hide(str(value)) for name, value in record.__dict__.items() if name not in _STANDARD}
        return json.dumps(row, ensure_ascii=False)
