"""What a run is before anything has happened in it: how it was started, against what, and what it will do.

Stored as `run.json`, first of all files, so that a run which breaks off can still be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .event import Value
from .result import Untested

RUN_FORMAT = "durable-audit/run/1"


@dataclass(frozen=True, slots=True)
class RunMeta:
    """How one audit was started.

    created: ISO 8601 in UTC. target: redacted. target_file: as it was given, for replay commands. versions: of the tool
    (`tool`), the rule set (`ruleset`), Python and the platform. plan: scenario id → numbers of its trials, 0 being the
    twin; scenarios in the order of the report. untested: what was left out of the plan, and why.
    """

    created: str
    argv: tuple[str, ...]
    profile: str
    seed: int
    versions: dict[str, str]
    target: Value
    target_file: str
    plan: dict[str, tuple[int, ...]]
    untested: tuple[Untested, ...] = ()
    format: str = field(default=RUN_FORMAT)
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # what pydantic reads when it loads one
