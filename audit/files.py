"""Reading and writing files so that nothing is half there and nothing is larger than it may be."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import ConfigError, HarnessError, HistoryError, Problem


def read_bounded(path: Path, limit: int, what: str) -> str:
    """The text of a file of at most `limit` bytes. ConfigError when it is not there to be read; HistoryError when it
    is too large or not UTF-8. `what` says what should be there."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(str(path), (Problem("file", f"{what} cannot be read here ({reason})"),)) from None
    if len(data) > limit:
        raise HistoryError(f"{path}: larger than {limit:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise HistoryError(f"{path}: byte {error.start} is not UTF-8") from None


def write_atomic(path: Path, text: str) -> None:
    """Put `text` at `path`, all of it or nothing; HarnessError when the disk refuses."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise HarnessError(f"{path} cannot be written ({error.strerror})") from error


def shown_path(path: Path) -> str:
    """A path as somebody would type it here: relative to this folder where it lies below, else absolute; no links."""
    whole = path.resolve()
    here = Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)
