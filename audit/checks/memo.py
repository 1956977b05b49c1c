"""Derivations that many rules share are made once per history and kept with it, so that judging stays linear."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..history import History

P = ParamSpec("P")
R = TypeVar("R")


def per_history(derive: Callable[Concatenate[History, P], R]) -> Callable[Concatenate[History, P], R]:
    """Remember what a pure function of a history gave, as long as that history lives. Arguments must be hashable,
    and results are shared: callers must not change them. (A history holds a dict, so `lru_cache` cannot key on it.)"""

    def remembered(history: History, /, *args: P.args, **kwargs: P.kwargs) -> R:
        kept: dict[Any, R] = vars(history).setdefault("_derived", {})
        key = (derive, args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = derive(history, *args, **kwargs)
        return kept[key]

    update_wrapper(remembered, derive)
    return remembered
