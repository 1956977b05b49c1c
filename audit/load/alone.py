"""One crowd in one process, without Locust: for trying things out, for tests, and for benchmarks."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from ..adapters import ADAPTERS
from ..adapters.base import Adapter
from ..errors import AuditError
from ..event import Value
from ..target import Target
from ..target_reading import load_target
from .churn import PRESETS, Churn, Storm, fitted, schedule
from .crowd import Crowd

_TARGET = """
name = "load"
base_url = "{url}"
protocol = "session"
[options]
transport = "{transport}"
[contract]
disconnect = "continue"
concurrent_send = "queue"
"""


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed: three times the words a core."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def adapter_for(target: Target) -> Adapter:
    """The adapter that a target's protocol and options name."""
    kind = next(kind for kind in ADAPTERS if kind.id == target.protocol)
    return kind.build(target.options)


def run_alone(target: Target, churn: Churn, seed: int, *, receive_clock: str = "app") -> Value:
    """Run one crowd to its end on a loop of its own; gives its totals, with the CPU seconds it took."""

    async def run() -> Value:
        nonce = secrets.token_hex(4)
        clock = "kernel" if receive_clock == "kernel" else "app"
        crowd = Crowd(
            target,
            adapter_for(target),
            schedule(churn, seed),
            churn,
            nonce=nonce,
            receive_clock=clock,  # type: ignore[arg-type]
        )
        await crowd.run()
        return crowd.totals()

    before = getrusage(RUSAGE_SELF)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        totals = runner.run(run())
    after = getrusage(RUSAGE_SELF)
    return {**totals, "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def main(argv: Sequence[str] | None = None) -> None:
    """Run one crowd against a session server at a URL, or any target file."""
    options = _parser().parse_args(argv)
    try:
        if options.target:
            target = load_target(options.target, {})
        else:
            target = load_target(_TARGET.format(url=options.url, transport=options.transport), {})
        totals = run_alone(target, _churn(options), options.seed, receive_clock=options.clock)
    except AuditError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    text = json.dumps(totals, indent=1)
    if options.json:
        options.json.write_text(text)
    brief = {key: value for key, value in totals.items() if key not in ("windows", "storms", "health", "samples")}
    print(json.dumps(brief))


def _churn(options: argparse.Namespace) -> Churn:
    storms = tuple(Storm(at_s=at) for at in options.storm)
    return fitted(
        PRESETS.get(options.preset, Churn()),
        devices=options.devices,
        seconds=options.seconds,
        words=options.words,
        pace_ms=options.pace,
        per_session=options.per_session,
        drop_every_s=options.drop_every,
        away_s=options.away,
        storms=storms or None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audit.load.crowd", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8787", help="of a session server (default: %(default)s)")
    parser.add_argument("--transport", choices=("websocket", "sse"), default="websocket")
    parser.add_argument("--target", type=Path, help="a target file, instead of --url")
    parser.add_argument("--preset", choices=PRESETS, help="a plan to begin with")
    parser.add_argument("--devices", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--words", type=int)
    parser.add_argument("--pace", type=float, help="milliseconds between two words")
    parser.add_argument("--per-session", type=int)
    parser.add_argument("--drop-every", type=float, help="seconds between two drops of a device (mean)")
    parser.add_argument("--away", type=float, help="seconds until it is back (mean)")
    parser.add_argument("--storm", type=float, action="append", default=[], help="seconds at which everybody is cut")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", choices=("app", "kernel"), default="app", help="when a word counts as received")
    parser.add_argument("--json", type=Path, help="where to write all of it")
    return parser
