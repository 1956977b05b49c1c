"""Every exception this package raises on purpose.

    AuditError
    ├── ConfigError          the user's input is wrong; lists every problem (exit 2)
    ├── TargetError          the target cannot be audited
    │   └── Unreachable      nothing answers at its address (exit 3)
    ├── ProtocolError        a target sent bytes that its declared protocol does not allow
    │   └── Oversized        … or more of them than a device will hold
    ├── HistoryError         a stored history or result is damaged (exit 70)
    │   └── SchemaError      … or is of another schema
    └── HarnessError         we are broken, not the target (exit 70)

A target that misbehaves is never an exception: it is a Finding. These are for what cannot be judged at all.
"""

from __future__ import annotations

from dataclasses import dataclass


class AuditError(Exception):
    """Root of the tree; the message says what, where and what to do."""

    exit_code = 70


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the user's input: where it stands, what is wrong, what would be right."""

    where: str
    what: str
    example: str = ""

    def __str__(self) -> str:
        hint = f"\n      for example: {self.example}" if self.example else ""
        return f"{self.where}: {self.what}{hint}"


class ConfigError(AuditError):
    """The user's input is wrong. Carries every problem found, never only the first."""

    exit_code = 2

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.source = source
        self.problems = problems
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__("\n".join([f"{source}: {count}", *(f"  - {problem}" for problem in problems)]))


class TargetError(AuditError):
    """The target cannot be audited."""

    exit_code = 3


class Unreachable(TargetError):
    """Nothing answers at the target's address."""


class ProtocolError(AuditError):
    """A target sent what its declared protocol does not allow; a device turns this into a `fail` event."""


class Oversized(ProtocolError):
    """A single event, frame or body is larger than a device will hold."""


class HistoryError(AuditError):
    """A stored history or result is damaged."""


class SchemaError(HistoryError):
    """A stored result is of a schema that this version does not read."""


class HarnessError(AuditError):
    """The audit itself is broken; says so instead of accusing the target."""
