"""Access on the command line: the options of the server, and `token`, which makes one. No option takes a secret."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .gate import Access
from .keys import VARIABLE, NoKey, load
from .limits import Limits
from .scopes import SCOPES, Scope

if TYPE_CHECKING:
    from .tokens import Key

_DEFAULT = Limits()


def add_to(parser: argparse.ArgumentParser) -> None:
    """The server's options."""
    group = parser.add_argument_group("access", f"A key may also stand in the environment, as {VARIABLE}.")
    _add_secret_file(group)
    group.add_argument("--token-public-key", type=Path, metavar="PEM", help="check tokens that somebody else makes")
    group.add_argument("--origin", action="append", default=[], help="web pages from there may use it too; * for all")
    group.add_argument("--max-streams", type=_whole, default=_DEFAULT.streams, help="at a time (default: %(default)s)")
    group.add_argument(
        "--commands-per-s", type=_rate, default=_DEFAULT.session_commands_per_s, metavar="N",
        help="to one session, and with tokens of one subject; 0: any number (default: %(default)s)",
    )  # fmt: skip


def access(options: argparse.Namespace) -> Access:
    """What the options ask for. Raises NoKey."""
    key = load(options.token_key_file, options.token_public_key)
    rate = options.commands_per_s or None
    limits = Limits(options.max_streams, rate, rate)
    origins = frozenset(origin.rstrip("/") for origin in options.origin)
    if key is None:
        return Access(None, origins, limits)
    from .tokens import Verifier  # noqa: PLC0415 - needs an optional package, which is there where a key is

    return Access(Verifier(key), origins, limits)


def make_token(argv: Sequence[str]) -> int:
    """`python -m reference_impl token`: print a token; returns the exit code."""
    parser = argparse.ArgumentParser(prog="reference_impl token", description=f"Make a token with {VARIABLE}.")
    _add_secret_file(parser)
    parser.add_argument("--session", required=True, help="its name; * for every session")
    parser.add_argument("--scope", type=_scopes, default=SCOPES[:3], help=f"some of {','.join(SCOPES)}")
    parser.add_argument("--ttl", type=_whole, default=3_600, metavar="SECONDS", help="(default: %(default)s)")
    parser.add_argument("--subject", default="", help="whom it is for; commands are counted by it")
    options = parser.parse_args(argv)
    try:
        key = load(options.token_key_file, None)
        if key is None:
            raise NoKey(f"set {VARIABLE}, or name a --token-key-file")
    except NoKey as problem:
        print(f"durable session server: {problem}", file=sys.stderr)
        return 2
    print(_minted(key, options))
    return 0


def _minted(key: Key, options: argparse.Namespace) -> str:
    from .tokens import mint  # noqa: PLC0415 - needs an optional package

    return mint(key, options.session, options.scope, options.ttl, options.subject)


def _add_secret_file(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    parser.add_argument("--token-key-file", type=Path, metavar="FILE", help="the secret that tokens are signed with")


def _scopes(text: str) -> tuple[Scope, ...]:
    names = text.replace(",", " ").split()
    if not names or set(names) - set(SCOPES):
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {','.join(SCOPES)}")
    return tuple(cast("Scope", name) for name in names)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _rate(text: str) -> float:
    return 0.0 if text == "0" else float(_whole(text))
