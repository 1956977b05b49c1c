"""Where the keys of tokens come from: the environment, or files. Never the command line, which everybody can read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .tokens import Key

VARIABLE: Final = "DURABLE_AUDIT_TOKEN_KEY"


class NoKey(ValueError):
    """A key was asked for and cannot be had; the message says why."""


def load(secret_file: Path | None, public_file: Path | None) -> Key | None:
    """The key that a server checks tokens with; None when there is none: then it asks for no token. Raises NoKey.

    A variable that is set to nothing is a mistake, never an open server.
    """
    given = [name for name, value in (("--token-key-file", secret_file), ("--token-public-key", public_file)) if value]
    if VARIABLE in os.environ:
        given.append(VARIABLE)
    if not given:
        return None
    if len(given) > 1:
        raise NoKey(f"{' and '.join(given)}: one key, please")
    try:
        from . import tokens  # noqa: PLC0415 - needs an optional package

        if public_file is not None:
            return _read(public_file, tokens.public_key)
        if secret_file is not None:
            return _read(secret_file, lambda content: tokens.secret_key(content.strip()))
        return tokens.secret_key(os.environ[VARIABLE].strip().encode())
    except ImportError:
        raise NoKey("signed tokens need a package: pip install 'durable-audit[access]'") from None
    except ValueError as problem:
        raise NoKey(f"{given[0]}: {problem}") from None


def _read(path: Path, make: Callable[[bytes], Key]) -> Key:
    try:
        return make(path.read_bytes())
    except OSError as problem:
        raise NoKey(f"{path}: {problem.strerror}") from None
