"""Every rule that a load is judged by. `LOAD_RULES` is the registry: a rule that is not in it does not exist."""

from __future__ import annotations

from ..finding import Finding
from .result import LoadResult
from .rule import LoadRule
from .storm_rule import STORM

LOAD_RULES: tuple[LoadRule, ...] = (STORM,)


def findings(result: LoadResult) -> tuple[Finding, ...]:
    """What each of them says of a load, in their order."""
    return tuple(rule.judge(result) for rule in LOAD_RULES)
