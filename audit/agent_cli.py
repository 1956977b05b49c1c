"""`durable-audit agent`: a worker of the reference implementation, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

import click

from .named_errors import named_errors

AGENTS: Final = ("scripted", "openai", "orchestrator")  # reference_impl/agents/kinds.py


def command(urls: tuple[str, ...], agent: str, slots: int) -> list[str]:
    """The command line of a worker. -P: a folder of the user's must not shadow our packages."""
    connect = [option for url in urls for option in ("--connect", url)]
    worker = [sys.executable, "-P", "-m", "reference_impl.agents"]
    return [*worker, *connect, "--agent", agent, "--slots", str(slots)]


@click.command("agent", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--connect", "urls", multiple=True, required=True, metavar="URL", help="A server; repeat it for more.")
@click.option("--agent", type=click.Choice(AGENTS), default=AGENTS[0], show_default=True, help="What answers.")
@click.option("--slots", type=click.IntRange(1, 10_000), default=16, show_default=True, help="Runs at a time.")
@named_errors
def agent_command(urls: tuple[str, ...], agent: str, slots: int) -> None:
    """Work for session servers that leave their runs to workers. docs/agents.md says how, and what it survives.

    The model's agent reads OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL; a server that asks for a token gets
    DURABLE_AUDIT_TOKEN.
    """
    line = command(urls, agent, slots)
    if os.name == "posix":
        os.execv(line[0], line)  # whoever stops this process stops the worker
    sys.exit(subprocess.call(line))
