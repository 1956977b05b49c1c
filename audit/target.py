"""The product that is audited: where it is, how to speak to it, what it promises, and what is never written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel

from .contract import CAPABILITIES, Contract
from .event import Value
from .masking import MASK, lookalikes, masked
from .means import Means
from .target_file import (
    DEFAULT_FORMAT,
    DEFAULT_PROMPT,
    PLACEHOLDER,
    Agents,
    Capability,
    Streaming,
    Surface,
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """How the product is built today. streaming: None when not declared. needs: the capabilities it needs; rules of the
    others do not apply. agents: one, an orchestrator with sub-agents, or several. surfaces: where users meet it."""

    streaming: Streaming | None = None
    needs: tuple[Capability, ...] = CAPABILITIES  # type: ignore[assignment]  # constants are not inferred as literals
    agents: Agents = "single"
    surfaces: tuple[Surface, ...] = ("web-tab",)


Special: TypeAlias = Literal["fails", "pauses", "approves", "delegates"]


@dataclass(frozen=True, slots=True)
class CountingOracle:
    """How to ask this target for numbered words.

    items: how many a scenario asks for (None: as many as the scenario likes). format: of each word, a Python format of
    one whole number. prompt: what is said; PLACEHOLDERS in braces are replaced, other braces are left alone.
    fixed_items, fixed_format: the target says these words whatever it is asked (a mock).
    fails, pauses, approves, delegates: prompts after which this target's agent does that. Where there is none, the
    numbered words are asked for with settings of a scripted agent in {extra}, if the prompt has a place for them.
    """

    items: int | None = None
    format: str = DEFAULT_FORMAT
    prompt: str = DEFAULT_PROMPT
    fixed_items: int | None = None
    fixed_format: str | None = None
    fails: str | None = None
    pauses: str | None = None
    approves: str | None = None
    delegates: str | None = None

    def ask(
        self,
        items: int,
        pace_ms: float = 10,
        first_ms: float = 0,
        burst: int = 1,
        format: str = "",
        *,
        special: Special | None = None,
        extra: str = "",
    ) -> str:
        """The prompt that asks for `items` words; pace_ms between bursts of `burst`, first_ms before the first.

        special: what else the agent is to do; extra: how a scripted agent is told (`fail_at=20`).
        """
        shape = format or self.format
        values = {"items": items, "pace_ms": pace_ms, "first_ms": first_ms, "burst": burst, "format": shape}
        values |= {"example": shape.format(1), "extra": f" {extra}" if extra else ""}
        return PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), self._template(special))

    def can(self, special: Special) -> bool:
        """Is there a prompt after which the agent does that?"""
        return getattr(self, special) is not None or "{extra}" in self.prompt

    def expected(self, items: int, format: str = "", special: Special | None = None) -> Value | None:
        """What such a prompt should bring (`items`, `format`, for meta.oracle); None when the target does not count."""
        if self.fixed_items is not None:
            return {"items": self.fixed_items, "format": self.fixed_format or self.format}
        if "{items}" not in self._template(special):
            return None
        return {"items": items, "format": format or self.format}

    def _template(self, special: Special | None) -> str:
        return (getattr(self, special) if special else None) or self.prompt


@dataclass(frozen=True, slots=True)
class Stranger:
    """What another user of the target carries: secret, as `Target.headers` is."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an audit may cost: prompts in all, trials at a time, and the hosts besides loopback that may be put
    under load."""

    max_prompts: int = 1_000
    jobs: int = 4
    load_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hooks:
    """Shell commands that do to the target what no client can; empty: there is none. They are never run unasked.

    restart: start it again, as after a crash. deploy: roll a new version of it out. token: print a credential.
    """

    restart: str = ""
    deploy: str = ""
    token: str = ""


@dataclass(frozen=True, repr=False)
class Target:
    """One product under audit. base_url has no trailing slash. options: what the protocol's own model holds.
    load_gates: what a load run is held to, each a `load.gates.Gate` in words. means: what may be done to it that no
    client can do.

    headers, query, and everything that came out of `${ENV}` are secret: they stay in memory, `redacted` is the only
    form that may be written down, and `secrets` is what a recorder must mask.
    """

    name: str
    base_url: str
    protocol: str
    options: BaseModel | Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    stranger: Stranger | None = None
    verify_tls: bool = True
    ca_file: Path | None = None
    architecture: Architecture = field(default_factory=Architecture)
    contract: Contract = field(default_factory=Contract)
    oracle: CountingOracle = field(default_factory=CountingOracle)
    limits: Limits = field(default_factory=Limits)
    load_gates: tuple[str, ...] = ()
    hooks: Hooks = field(default_factory=Hooks)
    from_env: frozenset[str] = frozenset()
    means: Means = field(default=Means(), compare=False)

    def __repr__(self) -> str:
        shown = self.redacted()
        return f"Target(name={shown['name']!r}, base_url={shown['base_url']!r}, protocol={shown['protocol']!r})"

    def secrets(self) -> frozenset[str]:
        """Every string that must not be written down, also as it would look inside a URL or after `Bearer`."""
        other = self.stranger or Stranger()
        headers = {*self.headers.values(), *other.headers.values()}
        given = {*headers, *self.query.values(), *other.query.values(), *self.from_env}
        return lookalikes(given | {value.partition(" ")[2].strip() for value in headers})

    def redacted(self) -> Value:
        """The target as plain JSON without a secret in it."""
        options = self.options
        free: Value = {  # whatever may have come out of the environment
            "name": self.name,
            "base_url": self.base_url,
            "options": options.model_dump(mode="json") if isinstance(options, BaseModel) else dict(options),
            "ca_file": str(self.ca_file) if self.ca_file else None,
            "oracle": asdict(self.oracle),
            "limits": asdict(self.limits),
            "gates": {"load": list(self.load_gates)},
            "hooks": asdict(self.hooks),
        }
        return {
            **masked(free, self.secrets()),
            "protocol": self.protocol,
            "headers": dict.fromkeys(self.headers, MASK),
            "query": dict.fromkeys(self.query, MASK),
            "stranger": self.knows_stranger,
            "verify_tls": self.verify_tls,
            "architecture": masked(asdict(self.architecture), ()),
            "contract": asdict(self.contract),
        }

    @property
    def mints(self) -> bool:
        """Is there a way to make credentials, if it may be used?"""
        return self.means.token is not None or bool(self.hooks.token)

    @property
    def knows_stranger(self) -> bool:
        """Is it known what another user would carry?"""
        return self.stranger is not None or self.mints

    def is_local(self) -> bool:
        """Whether it runs on this machine (a loopback address)."""
        return _is_loopback(urlsplit(self.base_url).hostname or "")

    def may_load(self) -> bool:
        """Whether this host may be put under load: loopback always, others only when `[limits] load_hosts` says so."""
        return self.is_local() or (urlsplit(self.base_url).hostname or "") in self.limits.load_hosts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
