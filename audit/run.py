"""What an audit leaves behind: how it was started, and the history of every trial."""

from __future__ import annotations

from dataclasses import dataclass, field

from .event import Value
from .history import History
from .result import Repeated, Untested

RUN_FORMAT = "durable-audit/run/1"


@dataclass(frozen=True, slots=True)
class RunMeta:
    """How one audit was started. Stored as `run.json`, before anything happens: a run that breaks off can be read.

    created: ISO 8601 in UTC. target: redacted. target_file: as it was given, for replay commands. versions: of the tool
    (`tool`), the rule set (`ruleset`), Python and the platform. plan: scenario id → numbers of its trials, 0 being the
    twin; scenarios in the order of the report. untested: what was left out of the plan, and why.
    repeated: what was added to it, and why; then the plan, too, is written anew before the added trials begin.
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
    repeated: tuple[Repeated, ...] = ()
    format: str = field(default=RUN_FORMAT)
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # what pydantic reads when it loads one


@dataclass(frozen=True, slots=True)
class Trial:
    """One stored history: the name of its file, the file's SHA-256, and what it holds."""

    scenario: str
    number: int
    file: str
    sha256: str
    history: History
