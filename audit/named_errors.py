"""What a command turns failures into: a message and an exit code, never a traceback for what a user can mend."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from .errors import AuditError

P = ParamSpec("P")
R = TypeVar("R")
EXIT_INTERRUPTED = 130


def named_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what went wrong into a message and its exit code: never a traceback for what a user can mend."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except AuditError as error:
            click.echo(f"durable-audit: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(EXIT_INTERRUPTED)

    return wrapped
