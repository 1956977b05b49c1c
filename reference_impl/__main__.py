"""`python -m reference_impl`: the durable session server as a process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .garbage import seldom
from .mutants import MUTANTS
from .parts import Parts
from .server import serve
from .session.decide import POLICIES
from .settings import Settings
from .storage.base import Store, StoreError
from .storage.memory import MemoryStore
from .storage.sqlite import SqliteStore

logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.mutant_rate is not None and options.mutant is None:
        parser.error("--mutant-rate: there is no --mutant to show it")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings(policy=options.policy, retain_events=options.retain_events)
    seldom()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(options.host, options.port, options.storage, settings=settings, parts=_parts(options)))
    except (StoreError, OSError) as problem:
        print(f"durable session server: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_impl", description="A durable session server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8787, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--storage", type=_store, default="memory", help="memory (default), or sqlite:PATH")
    parser.add_argument("--policy", choices=POLICIES, default="queue", help="what a prompt does to a run going on")
    parser.add_argument("--retain-events", type=_positive, help="events a session offers to resume from (default: all)")
    parser.add_argument("--mutant", choices=[each.id for each in MUTANTS], help="plant one defect, to test a tester")
    parser.add_argument("--mutant-rate", type=_share, metavar="R", help="how often it shows, 0 to 1 (default: its own)")
    return parser


def _parts(options: argparse.Namespace) -> Parts | None:
    for mutant in MUTANTS:
        if mutant.id == options.mutant:
            logger.warning("this server has a planted defect, %s: %s", mutant.id, mutant.title)
            return mutant.parts(options.mutant_rate)
    return None


def _store(text: str) -> Store:
    kind, _, path = text.partition(":")
    if text == "memory":
        return MemoryStore()
    if kind == "sqlite" and path:
        return SqliteStore(Path(path))
    raise argparse.ArgumentTypeError(f"{text!r} is neither memory nor sqlite:PATH")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return share


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed: two to three times the devices per core."""
    try:
        import uvloop  # noqa: PLC0415 - optional, and of no use to whoever imports this module
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


if __name__ == "__main__":
    sys.exit(main())
