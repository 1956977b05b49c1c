"""What an antipattern is: a small server that answers the usual wrong way, and what its team would claim of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Antipattern:
    """One way of streaming answers that looks finished and is not.

    id: the file's name with dashes. title: what it is. lesson: what is wrong with it and what users feel.
    build_app: makes a fresh server; no two share any state. protocol, options: what a target file says to reach it.
    contract: what the team that wrote it would claim, in the words of a target file's `[contract]`. It is a claim:
    where the server does not keep it, an audit must show the gap. architecture: how it would say that it is built.
    auth: what its users would carry, and a stranger.
    """

    id: str
    title: str
    lesson: str
    build_app: Callable[[], web.Application]
    protocol: str
    options: Mapping[str, object]
    contract: Mapping[str, str]
    architecture: Mapping[str, str] = field(default_factory=dict)
    auth: Mapping[str, object] = field(default_factory=dict)

    @property
    def target(self) -> dict[str, object]:
        """The tables of a target file, all but the address it is served at."""
        further = {name: table for name, table in (("architecture", self.architecture), ("auth", self.auth)) if table}
        tables = {"options": self.options, "contract": self.contract, **further}
        return {"protocol": self.protocol, **{name: dict(table) for name, table in tables.items()}}
