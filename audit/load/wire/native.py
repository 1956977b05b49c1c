"""The interpreter's own epoll. gevent, on which Locust runs, takes it away from the whole process; the thread of the
devices is none of gevent's."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


def unpatched(name: str) -> ModuleType:
    """A module that is written in C, as it was made: another object than the one that everybody imports."""
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


epoll: Callable[[], Any] | None = getattr(unpatched("select"), "epoll", None)  # none but Linux has it
