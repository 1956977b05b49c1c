"""`python -m reference_impl`: the durable session server as a process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import sys
from collections.abc import Callable, Sequence

from .access import options as access_options
from .access.keys import NoKey
from .garbage import seldom
from .mutants import MUTANTS
from .observe import logs
from .parts import Parts
from .server import serve
from .session.decide import POLICIES
from .settings import Settings
from .storage.base import Store, StoreError
from .storage.named import POSSIBLE, UnknownStorage, named

CANNOT_SERVE = 3  # the exit code when the storage, or the address to listen on, cannot be had

logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["token"]:
        return access_options.make_token(argv[1:])
    parser = _parser()
    options = parser.parse_args(argv)
    if options.mutant_rate is not None and options.mutant is None:
        parser.error("--mutant-rate: there is no --mutant to show it")
    if options.mutant_audited is not None and options.mutant is None:
        parser.error("--mutant-audited: there is no --mutant to show it")
    logs.configure(options.log)
    try:
        access = access_options.access(options)
    except NoKey as problem:
        parser.error(str(problem))
    settings = Settings(
        policy=options.policy,
        retain_events=options.retain_events,
        retain_s=options.retain_s,
        agents=options.agents,
        lost_runs=options.lost_runs,
        sessions=options.max_sessions,
        drain_s=options.drain_s,
    )
    parts = _parts(options)
    seldom()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(options.host, options.port, options.storage, None, settings, parts, access))
    except (StoreError, OSError) as problem:
        print(f"durable session server: {problem}", file=sys.stderr)
        return CANNOT_SERVE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_impl", description="A durable session server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8787, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--storage", type=_store, default="memory", help=f"one of {POSSIBLE} (default: memory)")
    parser.add_argument("--policy", choices=POLICIES, default="queue", help="what a prompt does to a run going on")
    parser.add_argument("--agents", choices=("here", "workers"), default="here", help="workers: leave runs to workers")
    parser.add_argument("--lost-runs", choices=("fail", "continue"), default="fail", help="of a dead server or worker")
    parser.add_argument("--retain-events", type=_positive, help="events a session offers to resume from (default: all)")
    parser.add_argument(
        "--retain-s", type=_seconds, help="for so long after an answer its events are offered (default: for ever)"
    )
    parser.add_argument("--max-sessions", type=_positive, default=100_000, help="in memory (default: %(default)s)")
    parser.add_argument(
        "--drain-s", type=_seconds, default=0.0, help="from not ready to sending devices away (default: 0)"
    )
    parser.add_argument("--log", choices=logs.FORMS, default="text", help="how log lines are written to stderr")
    access_options.add_to(parser)
    parser.add_argument("--mutant", choices=[each.id for each in MUTANTS], help="plant one defect, to test a tester")
    parser.add_argument("--mutant-rate", type=_share, metavar="R", help="how often it shows, 0 to 1 (default: its own)")
    parser.add_argument(
        "--mutant-audited", type=int, metavar="SEED", help="as much of it as an audit has to find, by dice of this seed"
    )
    return parser


def _parts(options: argparse.Namespace) -> Parts | None:
    for mutant in MUTANTS:
        if mutant.id == options.mutant:
            logger.warning("this server has a planted defect, %s: %s", mutant.id, mutant.title)
            audited: int | None = options.mutant_audited
            return mutant.parts(options.mutant_rate) if audited is None else mutant.parts_audited(audited)
    return None


def _store(text: str) -> Store:
    try:
        return named(text)
    except UnknownStorage as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return share


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 3_600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 3600")
    return seconds


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
