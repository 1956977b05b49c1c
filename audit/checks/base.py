"""What a rule is: an id, the words people read, and one pure function from a history to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy

Judge: TypeAlias = Callable[[History], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule tells people, whatever it is judged on.

    id: noun, kebab-case, the file's name with dashes; stable for ever. truth: what must be true, in a sentence.
    felt: what users feel when it is not. why: how it usually breaks. source: where the knowledge comes from (RFC
    section, protocol specification, issue threads). remedy: the cheapest way to close the gap, with its price.
    """

    id: str
    capability: str
    severity: Severity
    title: str
    truth: str
    felt: str
    why: str
    source: tuple[str, ...]
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class Rule(RuleText):
    """One thing that must be true of every session.

    judge: yields at most one finding per device; yields nothing when the history holds no case of it.
    """

    judge: Judge
