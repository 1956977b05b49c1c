"""The options of `durable-audit load`. Which values they may have is for `load_request` to say: all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar

import click

from .grouped_help import GroupedOption
from .load.churn import CUTS, PRESETS, SHAPES

P = ParamSpec("P")
R = TypeVar("R")
Said: TypeAlias = dict[str, Any]
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
CLOCKS = ("app", "kernel")

_CROWD = (
    ("--devices", int, "Devices at the peak."),
    ("--seconds", float, "How long the plan is."),
    ("--per-session", int, "Devices that share a session; the first of them asks."),
    ("--words", int, "Words of each answer."),
    ("--pace-ms", float, "Milliseconds between two words."),
    ("--think-s", float, "Seconds between the end of an answer and the next prompt."),
    ("--drop-every-s", float, "Mean seconds between two drops of one device; 0: never."),
    ("--away-s", float, "Mean seconds until it comes back."),
    ("--stay-s", float, "Mean seconds until a device is replaced by a new one; 0: it stays."),
    ("--stop-share", float, "Share of answers that are stopped halfway."),
    ("--steer-share", float, "Share of answers that are steered."),
    ("--slow-share", float, "Share of devices that read slowly."),
)
_FILES = (
    ("html", _FILE, "the load report to this file"),
    ("json", _FILE, "the result to this file"),
    ("junit", _FILE, "JUnit XML to this file"),
    ("markdown", _FILE, "a Markdown summary to this file"),
    ("csv", _FOLDER, "run, windows, measures, storms and hooks as CSV into this folder"),
    ("parquet", _FOLDER, "the same as Parquet into this folder"),
)
OUTPUTS = tuple(name for name, _, _ in _FILES)


def plan_options(command: Callable[P, R]) -> Callable[P, R]:
    """Who comes, and what they do."""
    said: tuple[Said, ...] = (
        {"name": "--preset", "metavar": "NAME", "default": "office", "help": f"The crowd: {_any(PRESETS)}."},
        {"name": "--shape", "metavar": "NAME", "help": f"How devices arrive: {_any(SHAPES)}."},
        *({"name": name, "type": kind, "help": what} for name, kind, what in _CROWD),
        {"name": "--cuts", "metavar": "KIND=WEIGHT,…", "help": f"How drops are shared out among {', '.join(CUTS)}."},
        {
            "name": "--storm", "type": float, "multiple": True, "metavar": "SECONDS",
            "help": "Cut everybody then; repeatable, and in place of the preset's storms.",
        },
        {
            "name": "--deploy-at", "type": float, "multiple": True, "metavar": "SECONDS",
            "help": "Run the target file's deploy hook then; repeatable; needs --allow-hooks.",
        },
        {"name": "--seed", "type": int, "help": "Same seed, same plan; by default a random one."},
    )  # fmt: skip
    return _with(command, "Plan", said)


def run_options(command: Callable[P, R]) -> Callable[P, R]:
    """How it is carried out."""
    said: tuple[Said, ...] = (
        {"name": "--processes", "type": int, "default": 1, "help": "Generators here, or workers of a master."},
        {
            "name": "--receive-clock", "metavar": "NAME", "default": "app",
            "help": f"Whose clock says when a word was received: {_any(CLOCKS)}.",
        },
        {"name": "--web", "type": int, "metavar": "PORT", "help": "Show Locust's page there, on this machine only."},
        {"name": "--master", "is_flag": True, "help": "Wait for --processes workers on other machines."},
        {"name": "--worker", "is_flag": True, "help": "Work for a master; give TARGET, plan and seed as it has them."},
        {"name": "--master-host", "metavar": "HOST", "default": "127.0.0.1", "help": "Where its workers find it."},
        {"name": "--master-port", "type": int, "metavar": "PORT", "default": 5557, "help": "The master's port."},
    )  # fmt: skip
    return _with(command, "Run", said)


def gate_options(command: Callable[P, R]) -> Callable[P, R]:
    """What it is held to, and compared with."""
    said: tuple[Said, ...] = (
        {"name": "--gate", "multiple": True, "metavar": "EXPR", "help": '"resume_delay_p95_ms < 2000"; repeatable.'},
        {
            "name": "--compare", "metavar": "NAME",
            "help": "reference (the same plan against it), or the JSON of an earlier load.",
        },
    )  # fmt: skip
    return _with(command, "Gates", said)


def output_options(command: Callable[P, R]) -> Callable[P, R]:
    """What is written."""
    files: tuple[Said, ...] = tuple(
        {"name": f"--{name}", "type": kind, "help": f"Write {what}."} for name, kind, what in _FILES
    )
    return _with(command, "Outputs", files)


def safety_options(command: Callable[P, R]) -> Callable[P, R]:
    """What has to be confirmed."""
    said: tuple[Said, ...] = (
        {"name": "--dry-run", "is_flag": True, "help": "Show the plan and its cost, then stop."},
        {"name": "--yes", "is_flag": True, "help": "Confirm load on a host that is not this machine."},
        {"name": "--allow-hooks", "is_flag": True, "help": "Let the target file's commands be run on this machine."},
    )
    return _with(command, "Safety", said)


def _with(command: Callable[P, R], group: str, said: tuple[Said, ...]) -> Callable[P, R]:
    for each in reversed(said):
        rest = {key: value for key, value in each.items() if key != "name"}
        shown = "default" in each
        command = click.option(each["name"], cls=GroupedOption, group=group, show_default=shown, **rest)(command)
    return command


def _any(names: Iterable[str]) -> str:
    return ", ".join(names)
