"""`python -m reference_impl.agents --connect http://127.0.0.1:8787`: a worker, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence

from .base import Agent
from .kinds import KINDS, NotConfigured, named
from .link import Refusing
from .worker import Worker

TOKEN = "DURABLE_AUDIT_TOKEN"


def main(argv: Sequence[str] | None = None) -> int:
    """Work until SIGTERM or SIGINT; returns the exit code."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_work(tuple(options.connect), named(options.agent), options.slots))
    except (NotConfigured, Refusing) as problem:
        print(f"worker: {problem}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    about = f"A worker: agents for session servers. The token for those that ask for one stands in {TOKEN}."
    parser = argparse.ArgumentParser(prog="reference_impl.agents", description=about)
    parser.add_argument(
        "--connect", action="append", required=True, type=_url, metavar="URL",
        help="a server; may be repeated: any of them will do, the next is tried when one is lost",
    )  # fmt: skip
    parser.add_argument("--agent", choices=list(KINDS), default="scripted", help="what answers (default: %(default)s)")
    parser.add_argument("--slots", type=_slots, default=16, metavar="N", help="runs at a time (default: %(default)s)")
    return parser


async def _work(urls: tuple[str, ...], agent: Agent, slots: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    worker = Worker(urls, agent, slots, token=os.environ.get(TOKEN, ""))
    print(f"worker {worker.id}", flush=True)
    await worker.serve(stop)


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is not the http(s) address of a server")
    return text.rstrip("/")


def _slots(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
