"""A rule that no single session can show: judged on the result of a load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..checks.base import RuleText
from ..finding import Finding
from .result import LoadResult

LoadJudge: TypeAlias = Callable[[LoadResult], Finding]


@dataclass(frozen=True, slots=True)
class LoadRule(RuleText):
    """One thing that must be true of many sessions at once.

    judge: exactly one finding. A load keeps no history, so its findings name no events: what proves them are the
    figures of the result.
    """

    judge: LoadJudge
